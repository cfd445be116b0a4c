import assert from "node:assert/strict";
import { test } from "node:test";

import type { StepUpAsked } from "../../../examples/mobile/src/index.js";
import { newApp } from "./app.js";
import { enrol } from "./factors.js";
import { join, joined, signedIn, withCode } from "./people.js";
import * as totp from "./totp.js";

test("an authenticator app is set up, and asked for at the next sign-in", async () => {
  const { app, person } = await joined();
  const { secret, recoveryCodes } = await enrol(app);
  await app.signet.signOut();
  assert.equal(await app.signet.isSignedIn(), false);

  const first = await app.signet.signInWithPassword(person.email, person.password);
  assert.equal(first.kind, "mfa_required");
  assert.ok(first.kind === "mfa_required" && first.methods.includes("totp"));
  const wrong = app.signet.answerMfa(first.challenge, { method: "totp", code: totp.code(secret, 100) });
  await assert.rejects(wrong, withCode("invalid_code"));
  assert.equal((await app.signet.answerMfa(first.challenge, { method: "totp", code: totp.code(secret, 1) })).kind, "signed_in");
  assert.equal((await app.api.GET("/api/v1/me/")).data?.email, person.email);

  const again = await newApp().signet.signInWithPassword(person.email, person.password);
  assert.ok(again.kind === "mfa_required");
  const byRecovery = newApp();
  const code = recoveryCodes[0] ?? "";
  assert.equal((await byRecovery.signet.answerMfa(again.challenge, { method: "recovery_code", code })).kind, "signed_in");
});

test("what wants the second factor asks for it once, however many calls wait", async () => {
  const questions: StepUpAsked[] = [];
  let secret = "";
  const app = newApp({
    stepUp: async (asked) => {
      questions.push(asked);
      await asked.confirm({ method: "totp", code: totp.code(secret, 1) });
      return true;
    },
  });
  // A password on this device first: a code by mail is no factor that a second one could complete.
  const person = await join(app);
  await signedIn(person, app);
  ({ secret } = await enrol(app));
  const answers = await Promise.all([1, 2, 3].map(() => app.api.POST("/api/v1/me/recovery-codes/", { body: {} })));
  assert.deepEqual(answers.map(({ response }) => response.status), [200, 200, 200]);
  assert.equal(questions.length, 1);
  assert.equal(questions[0]?.acrValues, "aal2");
  assert.ok(questions[0]?.methods.includes("totp"));

  assert.equal((await app.api.DELETE("/api/v1/me/totp/")).response.status, 204);
  await signedIn(person);
});

test("an app that cannot ask gets the refusal", async () => {
  const { app } = await joined();
  await enrol(app);
  const { error, response } = await app.api.POST("/api/v1/me/recovery-codes/", { body: {} });
  assert.equal(response.status, 401);
  assert.equal(error?.code, "insufficient_user_authentication");
  assert.equal(error.acr_values, "aal2");
});
