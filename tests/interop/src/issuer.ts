/** What the SDK of an issuer does for an app: authorization code with PKCE, in the name of whom it is told (RFC 8252). */

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";

const url = process.env["SIGNET_ISSUER"] ?? "";
const APP = { client_id: "com.example.app", redirect_uri: "com.example.app:/callback" };

/** As Signet's settings call it. */
export const PROVIDER = "upstream";

/** An ID token for the person of this address, who is signed in there. */
export async function idTokenFor(email: string, nonce: string): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const asked = {
    ...APP,
    response_type: "code",
    scope: "openid email",
    state: "state",
    nonce,
    login_hint: email,
    code_challenge: hashed(verifier, "base64url"),
    code_challenge_method: "S256",
  };
  const sentBack = await fetch(`${url}/authorize?${new URLSearchParams(asked)}`, { redirect: "manual" });
  const code = new URL(sentBack.headers.get("Location") ?? "").searchParams.get("code") ?? "";
  const form = { ...APP, grant_type: "authorization_code", code, code_verifier: verifier };
  const answered = await fetch(`${url}/token`, { method: "POST", body: new URLSearchParams(form) });
  assert.equal(answered.status, 200);
  return ((await answered.json()) as { id_token: string }).id_token;
}

/** As native SDKs show the issuer a nonce. */
export function hashed(nonce: string, encoding: "hex" | "base64url" = "hex"): string {
  return createHash("sha256").update(nonce).digest(encoding);
}
