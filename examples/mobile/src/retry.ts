/** Try again after growing, uneven pauses, so that a fleet does not come back all at once. */

import { NoAnswer } from "./refusals.js";

/** Times in milliseconds. `now` may be wrong, as phones are: it is compared with itself alone. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

export interface Patience {
  tries: number;
  firstPause: number;
  longestPause: number;
}

export const patience: Patience = { tries: 6, firstPause: 500, longestPause: 30_000 };

/** `attempt` until it answers; the last `NoAnswer` when `tries` are used up. Waits no less than `Retry-After` says. */
export async function insist<T>(attempt: () => Promise<T>, patient: Patience, clock: Clock): Promise<T> {
  const { tries, firstPause, longestPause } = patient;
  for (let done = 1; ; done += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NoAnswer) || done >= tries) throw error;
      const pause = Math.min(firstPause * 2 ** (done - 1), longestPause) * (0.5 + Math.random() / 2);
      await clock.sleep(Math.max(pause, error.retryAfter * 1000));
    }
  }
}
