/**
 * Check access tokens of Signet in a service of your own. One file to copy; it needs Node 20 and `jose` 6.
 *
 *     const verifier = new Verifier({ issuer: "https://id.example.com", audience: "https://notes.example.com" });
 *     const claims = await verifier.verify(token); // throws Refused (answer 401) or Unavailable (answer 503)
 *
 * No token is looked up. The issuer's public keys and the list of what ended are kept in memory; the list is asked for again
 * on the way of a request, at most once a second. `tests/interop/verifier/verifier.test.mjs` holds it to the token vectors.
 */

import { compactVerify, importJWK } from "jose";

/** Seconds between two questions for the list of what ended. */
export const REFRESH = 1;
/** Seconds for which the last list is believed when no newer one can be had. Then nothing is accepted. */
export const BUDGET = 10;
const KEYS_MAX_AGE = 300;
const TIMEOUT = 1;
/** Seconds by which clocks may differ. */
const SKEW = 30;
const LARGEST_TOKEN = 8 * 1024;
const LARGEST_ANSWER = 16 * 1024 * 1024;
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const KINDS = {
  ES256: { kty: "EC", crv: "P-256" },
  RS256: { kty: "RSA" },
  Ed25519: { kty: "OKP", crv: "Ed25519" },
};

/** The token is not good here: 401, with `WWW-Authenticate: Bearer error="invalid_token"`. */
export class Refused extends Error {}

/** Nobody can say whether the token is good: 503, with `Retry-After`. Not 401, or apps would throw their tokens away. */
export class Unavailable extends Error {}

/** One for each process. `longest` is the issuer's `ACCESS_TOKEN_LIFETIME` in seconds, or more. */
export class Verifier {
  #issuer;
  #audience;
  #longest;
  #clock;
  #keys;
  #ended;

  constructor({ issuer, audience, longest = 600, fetch = overHttp, clock = seconds, ticks = sinceStart }) {
    const { protocol, hostname } = new URL(issuer);
    if (protocol !== "https:" && !["127.0.0.1", "localhost"].includes(hostname)) {
      throw new TypeError("the issuer's keys must come by HTTPS");
    }
    [this.#issuer, this.#audience, this.#longest, this.#clock] = [issuer, audience, longest, clock];
    this.#keys = new Kept(`${issuer}/.well-known/jwks.json`, readKeys, fetch, ticks);
    this.#ended = new Kept(`${issuer}/.well-known/revocations`, (body) => this.#readDocument(body), fetch, ticks);
  }

  /** The claims of a live token for this service. What they allow is yours to ask: `scope`, `roles`, `acr`. */
  async verify(token) {
    const { kid, raw } = await this.#opened(token, "at+jwt", LARGEST_TOKEN);
    const claims = object(raw);
    const [issued, expires, now] = [integer(claims, "iat"), integer(claims, "exp"), this.#clock()];
    refuseIf(issued >= expires || expires > issued + this.#longest || issued > now + SKEW, "iat or exp");
    refuseIf("nbf" in claims && integer(claims, "nbf") > now + SKEW, "nbf");
    refuseIf(expires <= now, "expired");
    refuseIf(claims.iss !== this.#issuer, "iss");
    refuseIf(!Array.isArray(claims.aud) || !claims.aud.includes(this.#audience), "aud");
    refuseIf("cnf" in claims, "bound to a key: no bearer token");
    text(claims, "jti");
    await this.#refuseEnded(kid, claims);
    return claims;
  }

  /** A token is about a person on a device, or about a client that acts as itself. */
  async #refuseEnded(kid, claims) {
    const document = await this.#ended.get(REFRESH);
    if (!document || this.#ended.age() > BUDGET || document.exp <= this.#clock()) {
      throw new Unavailable("the list of what ended cannot be had");
    }
    const revoked = document.revoked;
    const client = text(claims, "client_id");
    refuseIf(mark(revoked.kid, kid) !== undefined, "the key was pulled");
    const [issued, stopped] = [integer(claims, "iat"), revoked.client ?? {}];
    const isStopped = [client, ...actors(claims)].some((name) => issued <= (mark(stopped, name) ?? -1));
    refuseIf(isStopped, "the client was stopped, or a service that acts for it");
    const sub = text(claims, "sub");
    if (!("sid" in claims) && sub === client) return;
    const sid = text(claims, "sid");
    refuseIf(mark(revoked.sid, sid) !== undefined, "the device was signed out");
    refuseIf(integer(claims, "auth_time") < (mark(revoked["sid-stale"], sid) ?? 0), "stale: the device proved anew who uses it");
    refuseIf(integer(claims, "epoch") < (mark(revoked.sub, sub) ?? 0), "stale: the person's rights changed");
  }

  /** The list of what ended; refuses anything else. */
  async #readDocument(body) {
    const { kid, raw } = await this.#opened(body, "revocations+jwt", LARGEST_ANSWER);
    const claims = JSON.parse(raw.toString());
    refuseIf(claims.iss !== this.#issuer || integer(claims, "exp") <= this.#clock(), "another issuer's list, or an old one");
    refuseIf(!isObject(claims.revoked) || !Object.values(claims.revoked).every(isObject), "not a list of what ended");
    refuseIf(["kid", "sid", "sid-stale", "sub"].some((kind) => !(kind in claims.revoked)), "not a list of what ended");
    refuseIf(mark(claims.revoked.kid, kid) !== undefined, "signed by a key that it says to trust no more");
    return claims;
  }

  /** The kid and the bytes of what the issuer signed as this kind of token. */
  async #opened(token, typ, largest) {
    refuseIf(typeof token !== "string" || token.length > largest || !FORM.test(token), "not a token");
    const [headerPart, claimsPart, signature] = token.split(".");
    const header = object(decoded(headerPart));
    const names = Object.keys(header).sort().join(" ");
    refuseIf(names !== "alg kid typ" || Object.values(header).some((value) => typeof value !== "string"), "header");
    refuseIf(header.typ !== typ, "typ");
    const { algorithm, key } = await this.#key(header.kid);
    // The algorithm is that of the key. A token that says otherwise is refused, not believed.
    refuseIf(header.alg !== algorithm, "alg");
    decoded(signature);
    await compactVerify(token, key, { algorithms: [algorithm] }).catch(() => refuseIf(true, "signature"));
    return { kid: header.kid, raw: decoded(claimsPart) };
  }

  /** A name never seen may be that of a new key: then the set is asked for, at most once a second. */
  async #key(kid) {
    for (const maxAge of [KEYS_MAX_AGE, REFRESH]) {
      const found = (await this.#keys.get(maxAge))?.get(kid);
      if (found) return found;
    }
    if (this.#keys.failing) throw new Unavailable("the public keys cannot be had");
    throw new Refused("kid");
  }
}

/** What the issuer published last. Whoever finds it too old asks; who comes meanwhile waits for that answer. */
class Kept {
  #url;
  #read;
  #fetch;
  #ticks;
  #value;
  #etag = "";
  #askedAt = -Infinity;
  #freshAt = -Infinity;
  #asking;
  failing = false;

  constructor(url, read, fetch, ticks) {
    [this.#url, this.#read, this.#fetch, this.#ticks] = [url, read, fetch, ticks];
  }

  age() {
    return this.#ticks() - this.#freshAt;
  }

  /** Undefined if there never was one. */
  async get(maxAge) {
    if (this.age() >= maxAge) {
      if (!this.#asking && this.#ticks() - this.#askedAt >= REFRESH) {
        this.#asking = this.#ask().finally(() => (this.#asking = undefined));
      } else if (this.failing) {
        return this.#value;
      }
      await this.#asking;
    }
    return this.#value;
  }

  async #ask() {
    this.#askedAt = this.#ticks();
    try {
      const answer = await this.#fetch(this.#url, this.#etag);
      if (answer) {
        this.#value = await this.#read(answer.body);
        this.#etag = answer.etag;
      }
      this.#freshAt = this.#askedAt;
      this.failing = false;
    } catch {
      this.failing = true;
    }
  }
}

/** From an address and the ETag that one has: `{ body, etag }`, or undefined when nothing changed. */
async function overHttp(url, etag) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT * 1000) });
  if (answer.status === 304) return undefined;
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return { body: await whole(answer.body), etag: answer.headers.get("ETag") ?? "" };
}

/** Stops reading where no honest answer goes on. */
async function whole(stream) {
  const pieces = [];
  let length = 0;
  for await (const piece of stream) {
    length += piece.length;
    if (length > LARGEST_ANSWER) throw new Error("the answer is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

/** Those keys of a JWK Set that this file can use; each for the one algorithm that it names. */
async function readKeys(body) {
  const members = JSON.parse(body).keys.filter(({ alg, use, ...jwk }) => {
    const form = Object.hasOwn(KINDS, alg) ? Object.entries(KINDS[alg]) : [["alg", undefined]];
    return use === "sig" && form.every(([name, value]) => value && jwk[name] === value);
  });
  const keys = members.map(async (jwk) => [jwk.kid, { algorithm: jwk.alg, key: await importJWK(jwk, jwk.alg) }]);
  return new Map(await Promise.all(keys));
}

/** Base64url as it is written in one way only: no padding, no stray bits (RFC 7515 §2). */
function decoded(part) {
  const raw = Buffer.from(part, "base64url");
  refuseIf(raw.toString("base64url") !== part, "base64url");
  return raw;
}

/** A JSON object, written as the issuer writes: JSON.parse alone would take the last of two members of one name. */
function object(raw) {
  try {
    const written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    const value = JSON.parse(written);
    if (isObject(value) && JSON.stringify(value) === written) return value;
  } catch {
    // Not UTF-8, not JSON, or too deep.
  }
  throw new Refused("JSON");
}

/** The services through which the token came (RFC 8693 section 4.1). */
function actors(claims) {
  return isObject(claims.act) ? [text(claims.act, "sub"), ...actors(claims.act)] : [];
}

function text(claims, name) {
  refuseIf(typeof claims[name] !== "string" || claims[name] === "", name);
  return claims[name];
}

function integer(claims, name) {
  refuseIf(!Number.isSafeInteger(claims[name]), name);
  return claims[name];
}

function mark(named, value) {
  return Object.hasOwn(named, value) ? named[value] : undefined;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuseIf(wrong, reason) {
  if (wrong) throw new Refused(reason);
}

function seconds() {
  return Date.now() / 1000;
}

function sinceStart() {
  return performance.now() / 1000;
}
