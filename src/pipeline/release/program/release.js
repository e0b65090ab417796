// Release the tip of the branch that is cloned here: the next version's tag, its notes, and its page on GitHub.
//
// Standard input is one object, {repository, inside, branch, dryRun, github}: the repository's address, the one that
// it has in here, and {api, repository} of the GitHub that it is on, else null. RELEASE_TOKEN is for that.
// Standard output is one object with `state`: done, behind (others pushed meanwhile), taken (the tag is on a commit
// that the branch has not), unpublished (tagged, but without its page) or failed. There is no file in the clone, so that no configuration in it is run.
import { readFileSync } from "node:fs";
import { generateNotes } from "@semantic-release/release-notes-generator";
import semanticRelease from "semantic-release";
import { commits, git, has, releases } from "./git.js";
import { page } from "./github.js";
import { ANALYZER, NOTES } from "./plugins.js";

const request = JSON.parse(readFileSync(0, "utf8"));
const token = process.env.RELEASE_TOKEN ?? "";
delete process.env.RELEASE_TOKEN; // of others, semantic-release would put it into an address

async function release() {
  git("fetch", "--quiet", "--tags", "--force", "origin");
  const commit = git("rev-parse", "HEAD");
  const [there] = releases("--points-at", "HEAD");
  const made = there ? await again(there) : await next();
  if (made.state) return made;
  const url = request.github && !request.dryRun ? await pages(made) : null;
  return { state: "done", ...made, version: made.tag?.slice(1) ?? null, commit, url };
}

/** Return what the tip was released as: by a run before this one, or by one beside it. */
async function again(tag) {
  const previous = before(tag);
  return { tag, previous, notes: await notes(tag, previous), released: false, there: true };
}

/** Return the release before one. */
function before(tag) {
  const tags = releases("--merged", tag);
  return tags[tags.indexOf(tag) + 1] ?? null;
}

/** Make the next version's tag, if there is anything to release. */
async function next() {
  const previous = releases("--merged", "HEAD")[0] ?? null;
  // The notes link to the address that people know. Without the right to push, a dry run asks the clone itself.
  const there = request.dryRun ? process.cwd() : request.inside;
  if (there !== request.repository) git("config", `url.${there}.insteadOf`, request.repository);
  const options = {
    repositoryUrl: request.repository,
    branches: [request.branch],
    tagFormat: "v${version}",
    dryRun: request.dryRun,
    ci: false,
    plugins: [
      ["@semantic-release/commit-analyzer", ANALYZER],
      ["@semantic-release/release-notes-generator", NOTES],
    ],
  };
  const result = await semanticRelease(options, { stdout: process.stderr, stderr: process.stderr });
  if (!result) return isBehind() ? { state: "behind" } : { tag: null, previous, notes: "", released: false };
  const { gitTag: tag, notes } = result.nextRelease;
  if (request.dryRun && has(`refs/tags/${tag}`)) return { state: "taken", tag };
  return { tag, previous, notes: safe(notes), released: !request.dryRun };
}

function isBehind() {
  if (request.dryRun) return false;
  const [tip] = git("ls-remote", "origin", `refs/heads/${request.branch}`).split("\t");
  return tip !== git("rev-parse", "HEAD");
}

async function notes(tag, previous) {
  const context = {
    cwd: process.cwd(),
    commits: commits(previous, tag),
    lastRelease: { gitTag: previous ?? undefined },
    nextRelease: { gitTag: tag, version: tag.slice(1) },
    options: { repositoryUrl: request.repository },
  };
  return safe(await generateNotes(NOTES, context));
}

/** Return notes in which nothing of a commit's message is a command to what shows them: a terminal, or GitHub's log. */
function safe(notes) {
  return notes.replace(/[^\P{Cc}\n]/gu, "").replace(/^(\s*)::/gm, "$1\\::").replaceAll("##[", "##\\[");
}

/** Return the address of the release's page; one that an interrupted run left out is made as well. */
async function pages({ tag, previous, notes: text }) {
  const github = { ...request.github, token };
  // semantic-release keeps a note about the tags that it made.
  if (previous && has(`refs/notes/semantic-release-${previous}`)) {
    await named(previous, () => page(github, previous, () => notes(previous, before(previous))));
  }
  return tag ? named(tag, () => page(github, tag, () => text)) : null;
}

/** Let an error say which release's page it is about. */
async function named(tag, making) {
  try {
    return await making();
  } catch (error) {
    throw Object.assign(error, { tag });
  }
}

/** Return git's own words for a failure, which are in the error of a command, or of one like it. */
function words(error) {
  if (error.code === "EGITNOPERMISSION") {
    try {
      git("push", "--dry-run", "origin", `HEAD:refs/heads/${request.branch}`);
    } catch (refusal) {
      return refusal.stderr;
    }
  }
  return error.stderr || error.message;
}

let outcome;
try {
  outcome = await release();
} catch (error) {
  const said = words(error);
  const [, taken] = /tag '(v[^']+)' already exists/.exec(said) ?? [];
  if (error.tag) outcome = { state: "unpublished", tag: error.tag, said: error.message };
  else outcome = taken ? { state: "taken", tag: taken } : { state: "failed", said };
}
process.stdout.write(JSON.stringify(outcome));
