/** Sign in, call the API, sign out. One `Signet` per process, for all of its screens. */

import { Calls } from "./calls.js";
import type { Configuration } from "./configuration.js";
import { Connection } from "./connection.js";
import { Holder } from "./holder.js";
import { Refused, SignedOut } from "./refusals.js";
import type * as shapes from "./shapes.js";
import type { Tokens } from "./store.js";
import { refused } from "./wire.js";

/** What a first proof led to: tokens, or the wish for another proof. `challenge` is good for `expiresIn` seconds. */
export type Outcome =
  | { kind: "signed_in"; tokens: Tokens }
  | { kind: "mfa_required"; challenge: string; methods: string[]; expiresIn: number; publicKey?: object }
  | { kind: "mfa_enrolment_required"; challenge: string; methods: string[]; expiresIn: number };

/**
 * The mail holds a code and a link; `registration` is what signing up answered, from this same installation. Without it the
 * password may be dropped, as the answer says in `credentials_kept`: somebody else may have chosen it.
 */
export type MailedProof = ({ email: string; code: string } | { token: string }) & { registration?: string };

export class Signet {
  private readonly connection: Connection;
  private readonly holder: Holder;
  private readonly calls: Calls;

  constructor(private readonly configuration: Configuration) {
    this.connection = new Connection(configuration);
    this.holder = new Holder(configuration, this.connection);
    this.calls = new Calls(configuration, this.connection, this.holder);
  }

  /** Like the global `fetch`, with the access token, for this server alone. Paths are relative to it. */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    this.calls.fetch(this.connection.request(input, init));

  async isSignedIn(): Promise<boolean> {
    return (await this.tokens()) !== null;
  }

  /** What is stored, without asking the server. */
  async tokens(): Promise<Tokens | null> {
    try {
      return await this.holder.current();
    } catch (error) {
      if (error instanceof SignedOut) return null;
      throw error;
    }
  }

  signInWithPassword(email: string, password: string): Promise<Outcome> {
    return this.enter("/auth/token/", { email, password });
  }

  /** Mails a code, if the address has an account; the answer does not tell. */
  async askForCode(email: string): Promise<shapes.CodeAsked> {
    return this.connection.post("/auth/code/", { email, device: await this.device() });
  }

  signInWithCode(challenge: string, code: string): Promise<Outcome> {
    return this.enter("/auth/code/verify/", { challenge, code });
  }

  /** The last step of signing up. */
  verifyEmail(proof: MailedProof): Promise<Outcome> {
    return this.enter("/auth/email/verify/", proof);
  }

  /** For the platform's passkey prompt; its answer goes to `signInWithPasskey` with this `challenge`. */
  passkeyOptions(email = ""): Promise<shapes.PasskeyOptions> {
    return this.connection.post("/auth/passkeys/authenticate/options/", { email });
  }

  signInWithPasskey(challenge: string, credential: shapes.AuthenticationResponse): Promise<Outcome> {
    return this.enter("/auth/passkeys/authenticate/", { challenge, credential });
  }

  /** For the provider's SDK, as it is or as its SHA-256: one for each sign-in. */
  federatedNonce(provider: string): Promise<shapes.FederatedNonce> {
    return this.connection.post(`/auth/federated/${encodeURIComponent(provider)}/nonce/`, {});
  }

  /**
   * `nonce` is that of `federatedNonce`, and may be left out when the token carries it unhashed; `name` is what Apple tells the
   * app at the first sign-in. 409 `link_required` goes to the app as `Refused`.
   */
  signInWithProvider(provider: string, idToken: string, extra: { nonce?: string; name?: string } = {}): Promise<Outcome> {
    return this.enter(`/auth/federated/${encodeURIComponent(provider)}/`, { id_token: idToken, ...extra });
  }

  signInAsGuest(): Promise<Outcome> {
    return this.enter("/auth/guest/", {});
  }

  /** The second step, after `mfa_required`. The device was named in the first. */
  answerMfa(challenge: string, answer: shapes.FactorAnswer): Promise<Outcome> {
    return this.outcome(this.connection.post("/auth/token/mfa/", { challenge, ...answer }));
  }

  /** After `mfa_enrolment_required`: the secret for an authenticator app. */
  beginEnrolment(challenge: string): Promise<shapes.Enrolment> {
    return this.connection.post("/auth/token/mfa/enrol/", { challenge });
  }

  /** Signs in, and answers the recovery codes, which are shown once. */
  async confirmEnrolment(challenge: string, code: string): Promise<string[]> {
    type Enrolled = shapes.TokenPair & { recovery_codes: string[] };
    const enrolled = await this.connection.post<Enrolled>("/auth/token/mfa/enrol/confirm/", { challenge, code });
    await this.holder.adopt(enrolled);
    return enrolled.recovery_codes;
  }

  /** With what this person may confirm that it is them. */
  stepUpMethods(): Promise<string[]> {
    return this.calls.stepUpMethods();
  }

  /** Confirm before it is asked for. Raises `Refused` for a wrong answer. */
  stepUp(answer: shapes.StepUpAnswer): Promise<void> {
    return this.calls.stepUp(answer);
  }

  /** New tokens now; calls do this by themselves when it is time. Raises `SignedOut`, `NoAnswer`. */
  async refresh(): Promise<Tokens> {
    return this.holder.renewed(await this.holder.current());
  }

  /** Ends the device on the server first: a token that is only forgotten lives on for whoever copied it. Raises `NoAnswer`. */
  async signOut(): Promise<void> {
    const tokens = await this.holder.current();
    const revoking = this.connection.posting("/auth/token/revoke/", { refresh: tokens.refresh });
    const response = await this.connection.insist(() => this.connection.once(revoking));
    if (!response.ok) throw await refused(response);
    await this.holder.forget(tokens);
  }

  private async enter(path: string, proof: object): Promise<Outcome> {
    return this.outcome(this.connection.post(path, { ...proof, device: await this.device() }));
  }

  private async outcome(answer: Promise<shapes.TokenPair>): Promise<Outcome> {
    try {
      return { kind: "signed_in", tokens: await this.holder.adopt(await answer) };
    } catch (error) {
      const next = error instanceof Refused ? wanted(error.body) : undefined;
      if (!next) throw error;
      return next;
    }
  }

  private async device(): Promise<object> {
    const refresh = await this.holder.mark();
    return { ...this.configuration.device, ...(refresh && { refresh }) };
  }
}

function wanted(body: shapes.Refusal): Outcome | undefined {
  const { code, challenge = "", methods = [], expires_in: expiresIn = 0, publicKey } = body;
  if (code === "mfa_enrolment_required") return { kind: code, challenge, methods, expiresIn };
  if (code === "mfa_required") return { kind: code, challenge, methods, expiresIn, ...(publicKey && { publicKey }) };
  return undefined;
}
