import { loadEnv, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => {
  const { VERSION = "v0.0.0-dev", BACKEND_URL = "http://localhost:8080" } = loadEnv(mode, ".", [
    "VERSION",
    "BACKEND_URL",
  ]);
  return {
    define: { __VERSION__: JSON.stringify(VERSION) },
    plugins: [versionFile(VERSION)],
    server: { proxy: { "/api": BACKEND_URL } },
    test: { environment: "happy-dom" },
  };
});

/** Write version.json next to the page: what is deployed, readable without running a script. */
function versionFile(version: string): Plugin {
  const source = JSON.stringify({ service: "frontend", version }) + "\n";
  return {
    name: "version-file",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "version.json", source });
    },
  };
}
