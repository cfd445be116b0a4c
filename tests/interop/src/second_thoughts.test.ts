/** What can be taken back: a changed address, and leaving. The links come by mail. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { anonymous, newApp } from "./app.js";
import { codeFor, linkFor } from "./mailbox.js";
import { press } from "./pages.js";
import { joined, newPerson, signedIn, withCode } from "./people.js";

test("a changed address is taken back by its old mailbox, and a new password chosen by code", async () => {
  const { app, person } = await joined();
  const { email } = newPerson();
  assert.equal((await app.api.POST("/api/v1/me/email/", { body: { email } })).response.status, 202);
  const confirmation = { email, code: await codeFor(email) };
  assert.equal((await anonymous.POST("/auth/email/change/confirm/", { body: confirmation })).response.status, 204);
  assert.equal((await app.api.GET("/api/v1/me/")).data?.email, email);

  const token = new URL(await linkFor(person.email, "/account/email/undo/")).searchParams.get("token") ?? "";
  assert.equal((await anonymous.POST("/auth/email/change/undo/", { body: { token } })).response.status, 204);
  await assert.rejects(app.api.GET("/api/v1/me/"), withCode("device_revoked"));
  await assert.rejects(app.signet.signInWithPassword(email, person.password), withCode("invalid_credentials"));
  assert.equal((await anonymous.POST("/auth/email/change/undo/", { body: { token } })).error?.code, "token_invalid");

  const link = await linkFor(person.email, "/account/reset/");
  const chosen = { token: new URL(link).searchParams.get("token") ?? "", new_password: `anew ${person.password}` };
  assert.equal((await anonymous.POST("/auth/password/reset/confirm/", { body: chosen })).response.status, 204);
  const back = await signedIn({ ...person, password: chosen.new_password });
  assert.equal((await back.api.GET("/api/v1/me/")).data?.email, person.email);
});

test("somebody who left comes back by the link of the mail, once", async () => {
  const { app, person } = await joined();
  const before = (await app.api.GET("/api/v1/me/")).data;
  assert.equal((await app.api.DELETE("/api/v1/me/", { body: { confirm: person.email } })).response.status, 202);
  await assert.rejects(newApp().signet.signInWithPassword(person.email, person.password), withCode("invalid_credentials"));

  const link = await linkFor(person.email, "/account/delete/cancel/");
  assert.equal(await press(link), "/account/sign-in/");
  const back = await signedIn(person);
  assert.equal((await back.api.GET("/api/v1/me/")).data?.id, before?.id);
  await assert.rejects(app.signet.refresh(), withCode("device_revoked"), "what was signed in stays out");
  assert.equal((await fetch(link)).status, 400);
});
