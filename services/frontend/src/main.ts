import "./style.css";
import { BackendError, fetchBackendVersion } from "./backend.ts";
import { render } from "./view.ts";

let asking = false;

async function refresh(): Promise<void> {
  if (asking) {
    return;
  }
  asking = true;
  render({ kind: "loading" }, __VERSION__);
  try {
    render({ kind: "ready", version: await fetchBackendVersion() }, __VERSION__);
  } catch (error) {
    if (!(error instanceof BackendError)) {
      throw error;
    }
    render({ kind: "failed", reason: error.message }, __VERSION__);
  } finally {
    asking = false;
  }
}

document.querySelector("#refresh")?.addEventListener("click", () => void refresh());
void refresh();
