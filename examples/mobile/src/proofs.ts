/** DPoP proofs (RFC 9449 §4.2) by a key of the platform's WebCrypto; without one, sign the same bytes with the Keychain or Keystore. */

import type { DPoP } from "./configuration.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** A key that cannot be read out. Keep the pair where the tokens are, as IndexedDB can: a new key means a new sign-in. */
export async function newKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
}

/** For `Configuration.dpop`. */
export async function proofs({ privateKey, publicKey }: CryptoKeyPair): Promise<DPoP> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const header = encode(JSON.stringify({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } }));
  return async (method, url, accessToken, nonce) => {
    const made = { jti: crypto.randomUUID(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000) };
    const bound = accessToken === undefined ? {} : { ath: base64url(await crypto.subtle.digest("SHA-256", bytes(accessToken))) };
    const message = `${header}.${encode(JSON.stringify({ ...made, ...bound, ...(nonce === undefined ? {} : { nonce }) }))}`;
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes(message));
    return `${message}.${base64url(signature)}`;
  };
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function encode(text: string): string {
  return base64url(bytes(text).buffer);
}

function base64url(raw: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(raw));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
