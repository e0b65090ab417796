// How semantic-release reads commits, and writes notes of them.

// Of the default preset, `feat!:` would release nothing.
const CONVENTIONAL = { preset: "conventionalcommits" };
// What the pipeline commits itself releases nothing, whatever the reasons in it say.
const OURS = ["promote", "rollback", "deploy"].map((type) => ({ type, release: false }));

export const ANALYZER = { ...CONVENTIONAL, releaseRules: OURS };
export const NOTES = CONVENTIONAL;
