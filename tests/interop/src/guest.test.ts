import assert from "node:assert/strict";
import { test } from "node:test";

import { anonymous, newApp } from "./app.js";
import { codeFor } from "./mailbox.js";
import { newPerson } from "./people.js";

test("a guest adds an address and stays who they were", async () => {
  const app = newApp();
  assert.equal((await app.signet.signInAsGuest()).kind, "signed_in");
  const guest = (await app.api.GET("/api/v1/me/")).data;
  assert.equal(guest?.email, null);

  const { email } = newPerson();
  assert.equal((await app.api.POST("/api/v1/me/email/", { body: { email } })).response.status, 202);
  const confirmation = { email, code: await codeFor(email) };
  assert.equal((await anonymous.POST("/auth/email/change/confirm/", { body: confirmation })).response.status, 204);
  const known = (await app.api.GET("/api/v1/me/")).data;
  assert.equal(known?.email, email);
  assert.equal(known.id, guest?.id);

  const elsewhere = newApp();
  const { challenge } = await elsewhere.signet.askForCode(email);
  assert.equal((await elsewhere.signet.signInWithCode(challenge, await codeFor(email))).kind, "signed_in");
  assert.equal((await elsewhere.api.GET("/api/v1/me/")).data?.id, guest?.id);
});
