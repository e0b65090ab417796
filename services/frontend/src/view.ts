export type State =
  | { kind: "loading" }
  | { kind: "ready"; version: string }
  | { kind: "failed"; reason: string };

/** Show state on the page; own is the version of the page itself. */
export function render(state: State, own: string, page: ParentNode = document): void {
  element(page, "#frontend-version").textContent = own;
  element(page, "#backend-version").textContent =
    state.kind === "ready" ? state.version : state.kind === "failed" ? "unknown" : "…";

  const status = element(page, "#status");
  status.textContent = describe(state, own);
  status.dataset.kind = state.kind === "ready" && state.version !== own ? "differs" : state.kind;

  // Not `disabled`: the button would lose the keyboard's focus each time it is used.
  element(page, "#refresh").setAttribute("aria-disabled", String(state.kind === "loading"));
}

/** Say in one sentence what state means. */
export function describe(state: State, own: string): string {
  switch (state.kind) {
    case "loading":
      return "Asking the backend …";
    case "failed":
      return `${state.reason} Try again in a moment.`;
    case "ready":
      return state.version === own
        ? "Frontend and backend run the same version."
        : "Frontend and backend run different versions: a rollout may be under way.";
  }
}

function element(page: ParentNode, selector: string): HTMLElement {
  const found = page.querySelector<HTMLElement>(selector);
  if (found === null) {
    throw new Error(`index.html has no element ${selector}`);
  }
  return found;
}
