/** The tokens of this installation: renewed one at a time, given up only when the server says so. */

import type { Configuration } from "./configuration.js";
import type { Connection } from "./connection.js";
import { SignedOut } from "./refusals.js";
import type { SteppedUp, TokenPair } from "./shapes.js";
import type { Tokens, TokenStore } from "./store.js";
import { Turns } from "./turns.js";
import { json, refused } from "./wire.js";

const KEY_BYTES = 16;
/** What a refresh is refused with when this sign-in is over. Anything else decides nothing about the tokens. */
const ENDS = new Set([
  "token_invalid",
  "token_expired",
  "token_reused",
  "device_revoked",
  "account_unavailable",
  "email_unverified",
  "insufficient_user_authentication",
]);
/** Renew so long before the end (milliseconds), or after four fifths of a short life. */
const MARGIN = 30_000;

export class Holder {
  private readonly store: TokenStore;
  private readonly turns = new Turns();

  constructor(
    private readonly configuration: Configuration,
    private readonly connection: Connection,
  ) {
    this.store = configuration.store;
  }

  /** Raises `SignedOut`. */
  async current(): Promise<Tokens> {
    const tokens = await this.store.load();
    if (!tokens?.access) throw new SignedOut("not_authenticated");
    return tokens;
  }

  /** The current tokens, renewed if they are about to run out. */
  async good(): Promise<Tokens> {
    const tokens = await this.current();
    return this.connection.clock.now() < tokens.renewAt ? tokens : this.renewed(tokens);
  }

  /** The last refresh token, dead or alive: shown at sign-in, strangers cannot lock this device out. */
  async mark(): Promise<string> {
    return (await this.store.load())?.refresh ?? "";
  }

  /** Keep the tokens of a sign-in, whatever was there. */
  adopt(pair: TokenPair): Promise<Tokens> {
    const tokens = this.read(pair);
    return this.turns.take(() => this.change(() => tokens));
  }

  /** A step-up of `device` answers an access token alone; the refresh token stays. Raises `SignedOut`. */
  raise(device: string, { access, expires_in }: SteppedUp): Promise<Tokens> {
    if (!access) throw new TypeError("The answer carries no token.");
    const renewAt = this.renewAt(expires_in);
    return this.turns.take(() =>
      this.change((stored) => {
        if (!stored?.access || stored.device !== device) throw new SignedOut("not_authenticated");
        return { ...stored, access, renewAt };
      }),
    );
  }

  /** New tokens in place of `worn`. Calls queue here, and all but the first find it done. Raises `SignedOut`, `NoAnswer`. */
  async renewed(worn: Tokens): Promise<Tokens> {
    const tokens = await this.turns.take(() => this.connection.insist(() => this.tryRefresh(worn)));
    // Somebody else has signed in meanwhile: what one person began is not done as another.
    if (tokens.device !== worn.device) throw new SignedOut("not_authenticated");
    return tokens;
  }

  /** Forget the tokens, unless somebody has signed in again meanwhile: then those are answered. Raises `SignedOut`. */
  async end(tokens: Tokens, code: string): Promise<Tokens> {
    const stored = await this.store.replace(tokens, ended(tokens));
    if (stored.access) return stored;
    this.configuration.onSignedOut?.(code);
    throw new SignedOut(code);
  }

  /** As `end`, on one's own wish: after the server was told. */
  async forget(tokens: Tokens): Promise<void> {
    await this.store.replace(tokens, ended(tokens));
  }

  /** Each try reads the store anew: another process of the app may have been faster, or have stored its key first. */
  private async tryRefresh(worn: Tokens): Promise<Tokens> {
    const tokens = await this.withRetryKey(worn.access);
    if (tokens.access !== worn.access) return tokens;
    const headers = { "Idempotency-Key": tokens.retryKey };
    const response = await this.connection.once(
      this.connection.posting("/auth/token/refresh/", { refresh: tokens.refresh }, headers),
    );
    if (response.ok) return this.store.replace(tokens, this.read(await json<TokenPair>(response)));
    const problem = await refused(response);
    if (response.status === 401 && ENDS.has(problem.code)) return this.end(tokens, problem.code);
    throw problem;
  }

  /** The stored tokens; as long as they are those of `access`, with a key that was stored before it is used. */
  private async withRetryKey(access: string): Promise<Tokens> {
    const tokens = await this.current();
    if (tokens.access !== access || tokens.retryKey) return tokens;
    return this.store.replace(tokens, { ...tokens, retryKey: this.newKey() });
  }

  /** Raises what `to` raises. */
  private async change(to: (stored: Tokens | null) => Tokens): Promise<Tokens> {
    for (;;) {
      const seen = await this.store.load();
      const wanted = to(seen);
      const stored = await this.store.replace(seen, wanted);
      if (stored.access === wanted.access) return stored;
    }
  }

  /** `expires_in` counts from when the answer came; `exp` is never compared with a phone's clock. */
  private read(pair: TokenPair): Tokens {
    if (!pair.access || !pair.refresh) throw new TypeError("The answer carries no tokens.");
    return {
      access: pair.access,
      refresh: pair.refresh,
      tokenType: pair.token_type === "DPoP" ? "DPoP" : "Bearer",
      device: pair.device,
      scope: pair.scope,
      renewAt: this.renewAt(pair.expires_in),
      retryKey: "",
    };
  }

  private renewAt(expiresIn: number): number {
    const life = expiresIn * 1000;
    return this.connection.clock.now() + life - Math.min(MARGIN, life / 5);
  }

  private newKey(): string {
    const fill = this.configuration.randomBytes ?? ((bytes) => crypto.getRandomValues(bytes));
    return [...fill(new Uint8Array(KEY_BYTES))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

function ended(tokens: Tokens): Tokens {
  return { ...tokens, access: "", retryKey: "" };
}
