/** An installation of an app: the auth layer of examples/mobile, and a client made of nothing but the OpenAPI document. */

import createClient, { type Client } from "openapi-fetch";

import { MemoryStore, Signet, type Clock, type Configuration, type TokenStore } from "../../../examples/mobile/src/index.js";
import { Network, reach } from "./network.js";
import type { paths } from "./schema.js";

export const url = process.env["SIGNET_URL"] ?? "";

/** Without a token. */
export const anonymous: Client<paths> = createClient<paths>({ baseUrl: url, fetch: reach });

/** Real time, which a test can put forward. */
export class TestClock implements Clock {
  private ahead = 0;
  readonly slept: number[] = [];

  now(): number {
    return Date.now() + this.ahead;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
  }

  forward(seconds: number): void {
    this.ahead += seconds * 1000;
  }
}

export interface App {
  readonly signet: Signet;
  readonly api: Client<paths>;
  readonly network: Network;
  readonly store: TokenStore;
  readonly clock: TestClock;
  /** Why it was signed out. */
  readonly ends: string[];
}

export function newApp(options: Partial<Configuration> = {}): App {
  const { store = new MemoryStore() } = options;
  const network = new Network();
  const clock = new TestClock();
  const ends: string[] = [];
  const signet = new Signet({
    baseUrl: url,
    device: { name: "Interop", platform: "node" },
    onSignedOut: (code) => ends.push(code),
    clock,
    fetch: network.fetch,
    ...options,
    store,
  });
  return { signet, api: createClient<paths>({ baseUrl: url, fetch: signet.fetch }), network, store, clock, ends };
}
