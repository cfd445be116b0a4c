/** One request, one answer, or none. */

import { NoAnswer, Refused } from "./refusals.js";
import type { Refusal } from "./shapes.js";

export type Fetch = (request: Request) => Promise<Response>;

/** Nothing was decided, or nobody knows: keep the tokens, come back. */
const NOT_NOW = new Set([502, 503, 504]);

/** The answer, or `NoAnswer` for a lost one and for a server that is not there at the moment. */
export async function send(fetch: Fetch, request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new NoAnswer("no answer", 0, undefined, { cause: error });
  }
  if (NOT_NOW.has(response.status)) throw new NoAnswer(`${response.status}`, retryAfter(response), response);
  return response;
}

/** Half an answer is none. */
export async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new NoAnswer("half an answer", 0, undefined, { cause: error });
  }
}

/** The body of a refusal, read from a copy; an error page that is not ours has the code "". */
export async function refusal(response: Response): Promise<Refusal> {
  try {
    const body = (await response.clone().json()) as Partial<Refusal> | null;
    if (typeof body?.code === "string") return { detail: "", ...body, code: body.code };
  } catch {
    // Not JSON: a proxy's own page.
  }
  return { code: "", detail: response.statusText };
}

export async function refused(response: Response): Promise<Refused> {
  const requestId = response.headers.get("X-Request-Id") ?? "";
  return new Refused(response.status, await refusal(response), retryAfter(response), requestId);
}

function retryAfter(response: Response): number {
  const seconds = response.headers.get("Retry-After") ?? "";
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) : 0;
}
