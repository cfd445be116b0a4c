/** What an app tells the auth layer once. */

import type { StepUp } from "./step_up.js";
import type { Clock, Patience } from "./retry.js";
import type { TokenStore } from "./store.js";
import type { Fetch } from "./wire.js";

/**
 * Makes a DPoP proof (RFC 9449 §4.2): a JWT signed with a key that never leaves the device. Asked anew for every try.
 * `url` is without query and fragment (`htu`); with `accessToken` the proof carries its hash (`ath`), with `nonce` that (§8).
 */
export type DPoP = (method: string, url: string, accessToken?: string, nonce?: string) => Promise<string>;

export interface Configuration {
  /** The server's origin: `https://id.example.com`. Tokens are sent nowhere else. */
  baseUrl: string;
  store: TokenStore;
  /** The app's own, if it is not the global one. */
  fetch?: Fetch;
  dpop?: DPoP;
  /** How this installation is called in the list of devices. */
  device?: { name?: string; platform?: string };
  /** Ask the person to confirm that it is them; without it such a refusal goes to the caller. */
  stepUp?: StepUp;
  /** The server has ended this sign-in, and the tokens are forgotten. `code` says why. */
  onSignedOut?: (code: string) => void;
  patience?: Partial<Patience>;
  /** For tests. */
  clock?: Clock;
  /** Fills an array with random bytes, where the platform has no `crypto.getRandomValues`. */
  randomBytes?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;
}
