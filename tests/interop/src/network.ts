/** The way to the server: counts what goes by, and loses answers when a test wants it. */

import type { Fetch } from "../../../examples/mobile/src/index.js";

/** Each file of tests comes from a network of its own, as limits are counted by networks; the server trusts us as a proxy. */
const address = `10.${process.pid % 256}.${(process.pid >> 8) % 256}.1`;

export const reach: Fetch = (request) => {
  request.headers.set("Forwarded", `for=${address}`);
  return fetch(request);
};

export class Network {
  /** Of each request to `/auth/token/refresh/`, in order. */
  readonly retryKeys: string[] = [];
  /** `X-Refresh` of each of their answers, the lost ones too. */
  readonly refreshes: string[] = [];
  readonly statuses: number[] = [];
  private toLose = 0;

  /** The server does what it is asked, and the next so many answers to a refresh never arrive. */
  loseRefreshAnswers(count: number): void {
    this.toLose = count;
  }

  readonly fetch: Fetch = async (request) => {
    const isRefresh = new URL(request.url).pathname === "/auth/token/refresh/";
    if (isRefresh) this.retryKeys.push(request.headers.get("Idempotency-Key") ?? "");
    const response = await reach(request);
    this.statuses.push(response.status);
    if (!isRefresh) return response;
    this.refreshes.push(response.headers.get("X-Refresh") ?? `${response.status}`);
    if (this.toLose > 0) {
      this.toLose -= 1;
      throw new TypeError("the connection was lost");
    }
    return response;
  };
}
