// The release's page on GitHub: found by its tag, or made.
import { setTimeout as wait } from "node:timers/promises";

const LONGEST = 125_000; // characters of a page, which GitHub counts
const WAITS = [500, 1500, 4000]; // milliseconds before another try

/** Return the address of a tag's page; make it, with the notes that are asked for only then, if there is none. */
export async function page({ api, repository, token }, tag, notes) {
  const releases = `${api}/repos/${repository}/releases`;
  const find = () => ask(token, "GET", `${releases}/tags/${encodeURIComponent(tag)}`);
  const found = await find();
  if (found.status === 200) return found.body.html_url;
  if (found.status !== 404) throw refused(found);
  const body = (await notes()).slice(0, LONGEST);
  const made = await ask(token, "POST", releases, { tag_name: tag, name: tag, body });
  if (made.status === 201) return made.body.html_url;
  // Of two at once, the other one was faster.
  const other = made.status === 422 ? await find() : made;
  if (other.status === 200) return other.body.html_url;
  throw refused(made);
}

async function ask(token, method, url, content) {
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": "pipeline",
    "x-github-api-version": "2022-11-28",
  };
  const request = { method, headers, body: content && JSON.stringify(content), signal: AbortSignal.timeout(30_000) };
  for (const [tried, pause] of [...WAITS, 0].entries()) {
    const last = tried === WAITS.length;
    try {
      const answer = await fetch(url, { ...request, redirect: "error" });
      if (last || answer.status < 500) return { status: answer.status, body: await read(answer) };
    } catch (error) {
      if (last) return { status: 0, body: { message: (error.cause ?? error).message } };
    }
    await wait(pause);
  }
}

async function read(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}

const ADVICE = {
  0: "is it up, and --github-api right?",
  401: "check --git-token",
  403: "the token may not make a release: give one that has the right to write contents",
  404: "check the repository in pipeline.yaml, and that the token can write to it",
};

function refused({ status, body }) {
  const todo = ADVICE[status] ?? "run again later";
  return new Error(`(${todo}): ${[status || [], body.message].flat().join(" ")}`);
}
