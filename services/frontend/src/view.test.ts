import { beforeEach, describe, expect, it } from "vitest";
import html from "../index.html?raw";
import { render, type State } from "./view.ts";

const OWN = "v1.2.3";

beforeEach(() => {
  document.body.innerHTML = new DOMParser().parseFromString(html, "text/html").querySelector("main")?.outerHTML ?? "";
});

describe("the page", () => {
  it.each<[string, State, string, string, string]>([
    ["loading", { kind: "loading" }, "…", "loading", "Asking the backend …"],
    ["the same version", { kind: "ready", version: OWN }, OWN, "ready", "Frontend and backend run the same version."],
    [
      "another version",
      { kind: "ready", version: "v1.2.2" },
      "v1.2.2",
      "differs",
      "Frontend and backend run different versions: a rollout may be under way.",
    ],
    ["a failure", { kind: "failed", reason: "It broke." }, "unknown", "failed", "It broke. Try again in a moment."],
  ])("shows %s", (_case, state, backend, kind, sentence) => {
    render(state, OWN);

    expect(text("#frontend-version")).toBe(OWN);
    expect(text("#backend-version")).toBe(backend);
    expect(text("#status")).toBe(sentence);
    expect(document.querySelector("#status")?.getAttribute("data-kind")).toBe(kind);
  });

  it("keeps the button focusable while it waits", () => {
    render({ kind: "loading" }, OWN);
    const button = document.querySelector("#refresh");

    expect(button?.getAttribute("aria-disabled")).toBe("true");
    expect(button?.hasAttribute("disabled")).toBe(false);
  });

  it("shows what the backend answers as text, never as markup", () => {
    render({ kind: "ready", version: "<img src=x>" }, OWN);

    expect(document.querySelector("img")).toBeNull();
    expect(text("#backend-version")).toBe("<img src=x>");
  });
});

function text(selector: string): string | undefined {
  return document.querySelector(selector)?.textContent;
}
