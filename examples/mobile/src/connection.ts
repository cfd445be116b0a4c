/** The server, as this device reaches it. */

import type { Configuration } from "./configuration.js";
import { insist, patience, systemClock, type Clock } from "./retry.js";
import type { Tokens } from "./store.js";
import { json, refusal, refused, send } from "./wire.js";

/** What may safely happen twice; a POST whose answer was lost may have been done. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export class Connection {
  readonly clock: Clock;
  private readonly origin: string;
  /** What the server wants in the next proof (RFC 9449 §8.2). */
  private nonce: string | undefined;

  constructor(private readonly configuration: Configuration) {
    this.clock = configuration.clock ?? systemClock;
    this.origin = new URL(configuration.baseUrl).origin;
  }

  /** A request to the server. Refuses another origin: a token must not leave for it. */
  request(input: string | URL | Request, init?: RequestInit): Request {
    const request = new Request(input instanceof Request ? input : new URL(input, this.configuration.baseUrl), init);
    if (new URL(request.url).origin !== this.origin) throw new TypeError("Tokens are for their own server only.");
    return request;
  }

  /** POST of a JSON body without a token, once. Raises `Refused`, `NoAnswer`. */
  async post<T>(path: string, body: object): Promise<T> {
    const response = await this.once(this.posting(path, body));
    if (!response.ok) throw await refused(response);
    return json<T>(response);
  }

  posting(path: string, body: object, headers: Record<string, string> = {}): Request {
    const content = { "Content-Type": "application/json", Accept: "application/json" };
    return this.request(path, { method: "POST", body: JSON.stringify(body), headers: { ...content, ...headers } });
  }

  /** One try, with the access token of `tokens`; a second one where the first was refused for want of a nonce alone. */
  async once(request: Request, tokens?: Tokens): Promise<Response> {
    const before = this.nonce;
    const response = await this.proven(request, tokens);
    if (!this.configuration.dpop || this.nonce === before || response.ok) return response;
    return (await refusal(response)).code === "use_dpop_nonce" ? this.proven(request, tokens) : response;
  }

  /** Each try has its own proof: a server takes a proof once. */
  private async proven(request: Request, tokens?: Tokens): Promise<Response> {
    const headers = new Headers(request.headers);
    if (tokens) headers.set("Authorization", `${tokens.tokenType} ${tokens.access}`);
    const url = new URL(request.url);
    const proof = await this.configuration.dpop?.(request.method, url.origin + url.pathname, tokens?.access, this.nonce);
    if (proof) headers.set("DPoP", proof);
    const response = await send(this.configuration.fetch ?? ((each) => fetch(each)), new Request(request.clone(), { headers }));
    this.nonce = response.headers.get("DPoP-Nonce") ?? this.nonce;
    return response;
  }

  /** As often as patience lasts, for what may be repeated. */
  async call(request: Request, tokens: Tokens): Promise<Response> {
    const attempt = (): Promise<Response> => this.once(request, tokens);
    return REPEATABLE.has(request.method) ? this.insist(attempt) : attempt();
  }

  insist<T>(attempt: () => Promise<T>): Promise<T> {
    return insist(attempt, { ...patience, ...this.configuration.patience }, this.clock);
  }
}
