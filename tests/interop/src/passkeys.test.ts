import assert from "node:assert/strict";
import { test } from "node:test";

import { anonymous, newApp, url, type App } from "./app.js";
import { Authenticator } from "./authenticator.js";
import { addPasskey, enrol } from "./factors.js";
import { codeFor } from "./mailbox.js";
import { join, joined, newPerson, withCode } from "./people.js";
import type { components } from "./schema.js";

type RequestOptions = components["schemas"]["PasskeyOptions"]["publicKey"];

test("a passkey is added, and signs in", async () => {
  const { app, person } = await joined();
  const passkey = await addPasskey(app);
  await app.signet.signOut();

  const { challenge, publicKey } = await app.signet.passkeyOptions();
  const credential = passkey.get(publicKey as RequestOptions);
  assert.equal((await app.signet.signInWithPasskey(challenge, credential)).kind, "signed_in");
  assert.equal((await app.api.GET("/api/v1/me/")).data?.email, person.email);
  await assert.rejects(newApp().signet.signInWithPasskey(challenge, credential), withCode("challenge_invalid"));
});

test("a passkey is renamed, and signs in no more once it is removed", async () => {
  const { app } = await joined();
  const passkey = await addPasskey(app);
  const id = (await app.api.GET("/api/v1/me/passkeys/")).data?.results[0]?.id ?? "";
  const params = { path: { id } };
  assert.equal((await app.api.PATCH("/api/v1/me/passkeys/{id}/", { params, body: { name: "Old key" } })).data?.name, "Old key");
  assert.equal((await app.api.DELETE("/api/v1/me/passkeys/{id}/", { params })).response.status, 204);
  assert.deepEqual((await app.api.GET("/api/v1/me/passkeys/")).data?.results, []);

  const { challenge, publicKey } = await app.signet.passkeyOptions();
  const credential = passkey.get(publicKey as RequestOptions);
  await assert.rejects(newApp().signet.signInWithPasskey(challenge, credential), withCode("invalid_credential"));
});

test("a passkey is the second factor after a password", async () => {
  const { app, person } = await joined();
  const passkey = await addPasskey(app);
  await enrol(app);
  const elsewhere = newApp();
  const first = await elsewhere.signet.signInWithPassword(person.email, person.password);
  assert.ok(first.kind === "mfa_required" && first.methods.includes("passkey") && first.publicKey);
  const credential = passkey.get(first.publicKey as RequestOptions);
  assert.equal((await elsewhere.signet.answerMfa(first.challenge, { method: "passkey", credential })).kind, "signed_in");
});

test("a passkey confirms that it is oneself", async () => {
  let passkey = new Authenticator(url);
  const app: App = newApp({
    stepUp: async ({ confirm, methods }) => {
      assert.ok(methods.includes("passkey"));
      const { challenge, publicKey } = await app.signet.passkeyOptions();
      await confirm({ method: "passkey", challenge, credential: passkey.get(publicKey as RequestOptions) });
      return true;
    },
  });
  await join(app);
  passkey = await addPasskey(app);
  await enrol(app);
  assert.equal((await app.api.POST("/api/v1/me/recovery-codes/", { body: {} })).response.status, 200);
});

test("somebody else's key does not sign in", async () => {
  const app = newApp();
  const { challenge, publicKey } = await app.signet.passkeyOptions();
  const stranger = new Authenticator(url).get(publicKey as RequestOptions);
  await assert.rejects(app.signet.signInWithPasskey(challenge, stranger), withCode("invalid_credential"));
});

test("somebody joins with a passkey and no password", async () => {
  const [app, { email }, passkey] = [newApp(), newPerson(), new Authenticator(url)];
  const options = (await anonymous.POST("/auth/passkeys/register/options/", { body: { email, name: "Grace" } })).data;
  assert.ok(options);
  const body = { challenge: options.challenge, credential: passkey.create(options.publicKey) };
  const registered = await anonymous.POST("/auth/passkeys/register/", { body });
  assert.equal(registered.response.status, 202);
  const registration = registered.data?.registration ?? "";
  assert.equal((await app.signet.verifyEmail({ email, code: await codeFor(email), registration })).kind, "signed_in");

  const elsewhere = newApp();
  const asked = await elsewhere.signet.passkeyOptions(email);
  const outcome = await elsewhere.signet.signInWithPasskey(asked.challenge, passkey.get(asked.publicKey as RequestOptions));
  assert.equal(outcome.kind, "signed_in");
  assert.equal((await elsewhere.api.GET("/api/v1/me/")).data?.name, "Grace");
});
