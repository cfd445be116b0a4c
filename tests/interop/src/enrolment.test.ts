/** Somebody whose role demands two factors, and who has one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { newApp } from "./app.js";
import { withCode } from "./people.js";
import * as totp from "./totp.js";

const [email = "", password = ""] = JSON.parse(process.env["SIGNET_ADMINISTRATOR"] ?? "[]") as string[];

test("an administrator sets up a second factor before the first token, and is asked for it from then on", async () => {
  const app = newApp();
  const first = await app.signet.signInWithPassword(email, password);
  assert.ok(first.kind === "mfa_enrolment_required" && first.expiresIn > 0);
  const { secret, otpauth_uri, qr_svg } = await app.signet.beginEnrolment(first.challenge);
  assert.ok(otpauth_uri.startsWith("otpauth://totp/") && otpauth_uri.includes(secret));
  assert.ok(qr_svg.includes("<svg"));
  const wrong = app.signet.confirmEnrolment(first.challenge, totp.code(secret, 100));
  await assert.rejects(wrong, withCode("invalid_code"));
  assert.equal(await app.signet.isSignedIn(), false);

  const recoveryCodes = await app.signet.confirmEnrolment(first.challenge, totp.code(secret));
  assert.equal(new Set(recoveryCodes).size, 10);
  assert.equal((await app.api.GET("/api/v1/me/access/")).data?.acr, "aal2");
  const people = (await app.api.GET("/api/v1/users/")).data?.results ?? [];
  assert.ok(people.some((person) => person.email === email), "staff may look at the directory");

  const elsewhere = newApp();
  const second = await elsewhere.signet.signInWithPassword(email, password);
  assert.ok(second.kind === "mfa_required" && second.methods.includes("totp"));
  const code = totp.code(secret, 1);
  assert.equal((await elsewhere.signet.answerMfa(second.challenge, { method: "totp", code })).kind, "signed_in");
});
