/** Where the app keeps its tokens: one item, replaced as a whole, and only if nobody else has changed it. */

export interface Tokens {
  /** Empty: signed out. What stays then is the refresh token, dead, as the mark of a known device. */
  readonly access: string;
  readonly refresh: string;
  readonly tokenType: "Bearer" | "DPoP";
  readonly device: string;
  readonly scope: string;
  /** When to renew the access token, in milliseconds of this device's own clock. */
  readonly renewAt: number;
  /** Made for the next refresh before its first try, and kept until its answer is stored. */
  readonly retryKey: string;
}

/** Keychain, Keystore or another secure place; docs/tokens-for-mobile.md says which. */
export interface TokenStore {
  load(): Promise<Tokens | null>;
  /** Store `next` if `seen` is still what is stored; answers what is stored then. Atomic among all who share the store. */
  replace(seen: Tokens | null, next: Tokens): Promise<Tokens>;
}

/** What secure storages have in common: a string under a name. */
export interface Items {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
}

/** A `TokenStore` for an app of one process, on top of `Items`. With widgets or extensions, write one that locks. */
export class ItemStore implements TokenStore {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly items: Items,
    private readonly name = "signet.tokens",
  ) {}

  async load(): Promise<Tokens | null> {
    const text = await this.items.get(this.name);
    return text === null ? null : (JSON.parse(text) as Tokens);
  }

  replace(seen: Tokens | null, next: Tokens): Promise<Tokens> {
    const done = this.last.then(() => this.compareAndSet(seen, next));
    this.last = done.catch(() => undefined);
    return done;
  }

  private async compareAndSet(seen: Tokens | null, next: Tokens): Promise<Tokens> {
    const stored = await this.load();
    if (stored !== null && !same(stored, seen)) return stored;
    await this.items.set(this.name, JSON.stringify(next));
    return next;
  }
}

/** For tests, and for an app that forgets when it ends. */
export class MemoryStore extends ItemStore {
  constructor() {
    const held = new Map<string, string>();
    super({
      get: async (name) => held.get(name) ?? null,
      set: async (name, value) => void held.set(name, value),
    });
  }
}

function same(stored: Tokens, seen: Tokens | null): boolean {
  return (
    seen !== null &&
    stored.access === seen.access &&
    stored.refresh === seen.refresh &&
    stored.retryKey === seen.retryKey
  );
}
