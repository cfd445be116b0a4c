/** Second factors of somebody who is signed in. */

import assert from "node:assert/strict";

import { url, type App } from "./app.js";
import { Authenticator } from "./authenticator.js";
import * as totp from "./totp.js";

export interface Enrolled {
  secret: string;
  recoveryCodes: string[];
}

/** An authenticator app. The code of the present step is used up. */
export async function enrol({ api }: App): Promise<Enrolled> {
  const begun = await api.POST("/api/v1/me/totp/", { body: {} });
  assert.equal(begun.response.status, 201);
  const secret = begun.data?.secret ?? "";
  const confirmed = await api.POST("/api/v1/me/totp/confirm/", { body: { code: totp.code(secret) } });
  assert.equal(confirmed.data?.recovery_codes.length, 10);
  return { secret, recoveryCodes: confirmed.data.recovery_codes };
}

export async function addPasskey({ api }: App): Promise<Authenticator> {
  const passkey = new Authenticator(url);
  const options = (await api.POST("/api/v1/me/passkeys/options/", { body: {} })).data;
  assert.ok(options);
  const body = { challenge: options.challenge, credential: passkey.create(options.publicKey), name: "Software" };
  assert.equal((await api.POST("/api/v1/me/passkeys/", { body })).data?.name, "Software");
  return passkey;
}
