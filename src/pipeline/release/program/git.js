// What git says of the clone that this runs in.
import { execFileSync } from "node:child_process";

const RELEASE = /^v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;

/** Run git and return what it printed; an error has git's own words as `stderr`. */
export function git(...args) {
  const options = { encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "pipe"] };
  return execFileSync("git", args, options).trim();
}

/** Tell whether a reference is there. */
export function has(ref) {
  try {
    git("rev-parse", "--quiet", "--verify", ref);
    return true;
  } catch {
    return false;
  }
}

/** Return the release tags that are merged into a commit (`--merged`) or are on it (`--points-at`), highest first. */
export function releases(how, commit) {
  const tags = git("tag", how, commit, "--sort=-version:refname", "--list", "v*");
  return tags.split("\n").filter((tag) => RELEASE.test(tag));
}

/** Return the commits that a tag has and an earlier one, which may be none, has not; newest first. */
export function commits(from, to) {
  const log = git("log", "-z", "--format=%H%n%cI%n%B", from ? `${from}..${to}` : to, "--");
  return log.split("\0").filter(Boolean).map((text) => {
    const [hash, committerDate, ...message] = text.split("\n");
    return { hash, committerDate, message: message.join("\n").trim() };
  });
}
