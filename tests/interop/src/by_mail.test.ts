import assert from "node:assert/strict";
import { test } from "node:test";

import { anonymous, newApp } from "./app.js";
import { codeFor } from "./mailbox.js";
import { joined, signedIn, withCode } from "./people.js";

test("a code by mail signs in, once", async () => {
  const { person } = await joined();
  const app = newApp();
  const { challenge } = await app.signet.askForCode(person.email);
  const code = await codeFor(person.email);
  assert.equal((await app.signet.signInWithCode(challenge, code)).kind, "signed_in");
  assert.equal((await app.api.GET("/api/v1/me/")).data?.email, person.email);
  await assert.rejects(newApp().signet.signInWithCode(challenge, code), withCode("invalid_code"));
});

test("an address without an account is answered alike", async () => {
  const { challenge, expires_in } = await newApp().signet.askForCode("nobody@example.com");
  assert.match(challenge, /^[0-9a-f-]{36}$/);
  assert.ok(expires_in > 0);
});

test("a forgotten password is reset, and every device ends", async () => {
  const { app, person } = await joined();
  assert.equal((await anonymous.POST("/auth/password/reset/", { body: { email: person.email } })).response.status, 202);
  const password = `quite different ${person.password}`;
  const body = { email: person.email, code: await codeFor(person.email), new_password: password };
  assert.equal((await anonymous.POST("/auth/password/reset/confirm/", { body })).response.status, 204);
  await assert.rejects(app.api.GET("/api/v1/me/"), withCode("device_revoked"));
  assert.deepEqual(app.ends, ["device_revoked"]);
  await assert.rejects(app.signet.signInWithPassword(person.email, person.password), withCode("invalid_credentials"));
  await signedIn({ ...person, password }, app);
});

test("a changed password ends the other devices alone", async () => {
  const { app, person } = await joined();
  const other = await signedIn(person);
  const body = { current_password: person.password, new_password: `changed ${person.password}` };
  assert.equal((await app.api.POST("/api/v1/me/password/", { body })).response.status, 204);
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
  await assert.rejects(other.api.GET("/api/v1/me/"), withCode("device_revoked"));
  await signedIn({ ...person, password: body.new_password });
});
