/** What can go wrong, by what the app does about it. */

import type { Refusal } from "./shapes.js";

/** The server said no. Branch on `code`, never on the sentence. */
export class Refused extends Error {
  readonly code: string;

  constructor(
    readonly status: number,
    readonly body: Refusal,
    /** Seconds to wait, on 429 `too_many_attempts`; else 0. */
    readonly retryAfter: number,
    /** Names the request in the server's log: keep it with an error report. */
    readonly requestId: string,
  ) {
    super(`${status} ${body.code}: ${body.detail}`);
    this.name = "Refused";
    this.code = body.code;
  }
}

/** Nobody knows whether the request was done: no network, or the server is busy. The tokens are kept; try again later. */
export class NoAnswer extends Error {
  /** `response` when there was one: 502, 503 or 504. `retryAfter` in seconds. */
  constructor(
    reason: string,
    readonly retryAfter = 0,
    readonly response?: Response,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = "NoAnswer";
  }
}

/** Show the sign-in page. `code` says why; `token_reused` deserves a warning, `not_authenticated` is a bug in the app. */
export class SignedOut extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = "SignedOut";
  }
}
