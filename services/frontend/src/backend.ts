const TIMEOUT_MS = 8000;

/** Why the backend's version could not be had, in words for the reader of the page. */
export class BackendError extends Error {
  override name = "BackendError";
}

/**
 * Ask the backend which version it is.
 *
 * @throws {BackendError} when it cannot be reached, takes too long or answers something else.
 */
export async function fetchBackendVersion(
  fetcher: typeof fetch = fetch,
  timeout = AbortSignal.timeout(TIMEOUT_MS),
): Promise<string> {
  let response: Response;
  try {
    response = await fetcher("/api/version", { headers: { Accept: "application/json" }, signal: timeout });
  } catch (error) {
    throw new BackendError(
      timeout.aborted ? "The backend took too long to answer." : "The backend cannot be reached.",
      { cause: error },
    );
  }
  if (!response.ok) {
    throw new BackendError(`The backend is unavailable (status ${String(response.status)}).`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!hasVersion(body)) {
    throw new BackendError("The backend's answer holds no version.");
  }
  return body.version;
}

function hasVersion(body: unknown): body is { version: string } {
  return typeof body === "object" && body !== null && "version" in body && typeof body.version === "string";
}
