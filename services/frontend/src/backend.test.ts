import { describe, expect, it } from "vitest";
import { BackendError, fetchBackendVersion } from "./backend.ts";

const answering = (body: string, init?: ResponseInit): typeof fetch =>
  () => Promise.resolve(new Response(body, init));

const breaking: typeof fetch = () => Promise.reject(new TypeError("network down"));

describe("fetchBackendVersion", () => {
  it("returns the version that the backend answers", async () => {
    await expect(fetchBackendVersion(answering('{"version":"v1.2.3"}'))).resolves.toBe("v1.2.3");
  });

  it.each([
    ["is unavailable", answering("{}", { status: 502 }), "The backend is unavailable (status 502)."],
    ["answers no JSON", answering("<html>"), "The backend's answer holds no version."],
    ["answers null", answering("null"), "The backend's answer holds no version."],
    ["answers no version", answering("{}"), "The backend's answer holds no version."],
    ["answers another type", answering('{"version":1}'), "The backend's answer holds no version."],
    ["cannot be reached", breaking, "The backend cannot be reached."],
  ])("says so when the backend %s", async (_case, fetcher, message) => {
    await expect(fetchBackendVersion(fetcher)).rejects.toThrow(new BackendError(message));
  });

  it("says so when the backend takes too long", async () => {
    await expect(fetchBackendVersion(breaking, AbortSignal.abort())).rejects.toThrow(
      new BackendError("The backend took too long to answer."),
    );
  });
});
