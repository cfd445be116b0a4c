import assert from "node:assert/strict";
import { test } from "node:test";

import { anonymous, newApp, url } from "./app.js";
import { codeFor } from "./mailbox.js";
import { join, newPerson, signedIn, withCode } from "./people.js";

test("the configuration says how one may sign in", async () => {
  const { data } = await anonymous.GET("/auth/config/");
  assert.equal(data?.issuer, url);
  assert.ok(data.methods.includes("password") && data.methods.includes("code"));
  assert.ok(data.password.min_length <= data.password.max_length);
});

test("somebody signs up, verifies the address and reads the own profile", async () => {
  const app = newApp();
  const { email } = await join(app);
  const { data } = await app.api.GET("/api/v1/me/");
  assert.equal(data?.email, email);
  assert.equal(data.name, "Ada Example");
  assert.ok(data.email_verified_at);
});

test("a weak password is refused at its field", async () => {
  const { error, response } = await anonymous.POST("/auth/register/", { body: { email: newPerson().email, password: "short" } });
  assert.equal(response.status, 400);
  assert.equal(error?.code, "invalid");
  assert.ok(error.errors?.["password"]?.[0]?.code);
});

test("a wrong code signs nobody in, and the right one still does", async () => {
  const [app, person] = [newApp(), newPerson()];
  const { data } = await anonymous.POST("/auth/register/", { body: person });
  const code = await codeFor(person.email);
  const wrong = code === "000000" ? "000001" : "000000";
  const registration = data?.registration ?? "";
  await assert.rejects(app.signet.verifyEmail({ email: person.email, code: wrong, registration }), withCode("invalid_code"));
  assert.equal(await app.signet.isSignedIn(), false);
  assert.equal((await app.signet.verifyEmail({ email: person.email, code, registration })).kind, "signed_in");
});

test("a new code takes the place of the one before, and the password stays", async () => {
  const [app, person] = [newApp(), newPerson()];
  const { data } = await anonymous.POST("/auth/register/", { body: person });
  const registration = data?.registration ?? "";
  const first = await codeFor(person.email);
  assert.equal((await anonymous.POST("/auth/email/resend/", { body: { email: person.email } })).response.status, 202);
  const code = await codeFor(person.email);
  if (first !== code) {
    await assert.rejects(app.signet.verifyEmail({ email: person.email, code: first, registration }), withCode("invalid_code"));
  }
  assert.equal((await app.signet.verifyEmail({ email: person.email, code, registration })).kind, "signed_in");
  await signedIn(person);
});

test("the meter advises on a password before it is sent", async () => {
  const weak = (await anonymous.POST("/auth/password/strength/", { body: { password: "password1234" } })).data;
  assert.ok(weak && weak.score < 3 && weak.advice.length > 0);
  const strong = (await anonymous.POST("/auth/password/strength/", { body: { password: newPerson().password } })).data;
  assert.equal(strong?.score, 4);
});
