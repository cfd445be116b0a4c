import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused } from "../../../examples/mobile/src/index.js";
import { anonymous, newApp, type App } from "./app.js";
import { hashed, idTokenFor, PROVIDER } from "./issuer.js";
import { joined, newPerson, signedIn, withCode } from "./people.js";

/** As an app does it that shows the issuer the nonce as it is. */
async function enter({ signet }: App, email: string): Promise<string> {
  const { nonce } = await signet.federatedNonce(PROVIDER);
  return (await signet.signInWithProvider(PROVIDER, await idTokenFor(email, nonce))).kind;
}

async function identities({ api }: App) {
  return (await api.GET("/api/v1/me/identities/")).data?.results ?? [];
}

test("the configuration names the provider", async () => {
  const { data } = await anonymous.GET("/auth/config/");
  assert.ok(data?.providers.some(({ name }) => name === PROVIDER));
});

test("somebody new signs in with a provider, and is the same person the next time", async () => {
  const [app, again, { email }] = [newApp(), newApp(), newPerson()];
  assert.equal(await enter(app, email), "signed_in");
  const me = (await app.api.GET("/api/v1/me/")).data;
  assert.equal(me?.email, email);
  assert.ok(me.email_verified_at);
  assert.equal(await enter(again, email), "signed_in");
  assert.equal((await again.api.GET("/api/v1/me/")).data?.id, me.id);
  assert.deepEqual((await identities(app)).map(({ provider }) => provider), [PROVIDER]);
});

test("an SDK that hashes the nonce hands over the nonce itself", async () => {
  const [{ signet }, { email }] = [newApp(), newPerson()];
  const { nonce, expires_in } = await signet.federatedNonce(PROVIDER);
  assert.ok(expires_in > 0);
  const token = await idTokenFor(email, hashed(nonce));
  await assert.rejects(signet.signInWithProvider(PROVIDER, token), withCode("invalid_id_token"));
  assert.equal((await signet.signInWithProvider(PROVIDER, token, { nonce })).kind, "signed_in");
});

test("a token signs in once", async () => {
  const [{ signet }, { email }] = [newApp(), newPerson()];
  const { nonce } = await signet.federatedNonce(PROVIDER);
  const token = await idTokenFor(email, nonce);
  assert.equal((await signet.signInWithProvider(PROVIDER, token)).kind, "signed_in");
  await assert.rejects(newApp().signet.signInWithProvider(PROVIDER, token), withCode("invalid_id_token"));
});

test("an account with the address is linked once its owner has signed in, and then the provider opens it", async () => {
  const { app, person } = await joined();
  const elsewhere = newApp();
  const refusal = await enter(elsewhere, person.email).catch((error: unknown) => error);
  assert.ok(refusal instanceof Refused && refusal.code === "link_required");
  const { challenge = "", methods } = refusal.body;
  assert.ok(methods?.includes("password"));
  await signedIn(person, elsewhere);
  const linked = await elsewhere.api.POST("/api/v1/me/identities/", { body: { challenge } });
  assert.equal(linked.response.status, 201);
  assert.equal(linked.data?.provider, PROVIDER);

  const third = newApp();
  assert.equal(await enter(third, person.email), "signed_in");
  const { data } = await third.api.GET("/api/v1/me/");
  assert.equal(data?.id, (await app.api.GET("/api/v1/me/")).data?.id);
});

test("somebody who is signed in links an identity and unlinks it", async () => {
  const [{ app }, { email }] = [await joined(), newPerson()];
  const { nonce } = await app.signet.federatedNonce(PROVIDER);
  const body = { provider: PROVIDER, id_token: await idTokenFor(email, nonce) };
  const linked = await app.api.POST("/api/v1/me/identities/", { body });
  assert.equal(linked.response.status, 201);
  assert.equal(linked.data?.email, email);
  const id = linked.data.id;
  assert.equal((await app.api.DELETE("/api/v1/me/identities/{id}/", { params: { path: { id } } })).response.status, 204);
  assert.deepEqual(await identities(app), []);
  const elsewhere = newApp();
  assert.equal(await enter(elsewhere, email), "signed_in");
  const { data } = await elsewhere.api.GET("/api/v1/me/");
  assert.notEqual(data?.id, (await app.api.GET("/api/v1/me/")).data?.id, "it opens an account of its own now");
});

test("a sign-in with the provider is no fresh proof for somebody who has a password", async () => {
  const { app, person } = await joined();
  const { nonce } = await app.signet.federatedNonce(PROVIDER);
  const body = { provider: PROVIDER, id_token: await idTokenFor(person.email, nonce) };
  assert.equal((await app.api.POST("/api/v1/me/identities/", { body })).response.status, 201);
  const elsewhere: App = newApp({
    stepUp: async ({ methods, confirm }) => {
      assert.deepEqual(methods, ["password"]);
      await confirm({ method: "password", password: person.password });
      return true;
    },
  });
  assert.equal(await enter(elsewhere, person.email), "signed_in");
  assert.equal((await elsewhere.api.POST("/api/v1/me/totp/", { body: {} })).response.status, 201);
  assert.ok(elsewhere.network.statuses.includes(401), "it was asked for");
});

test("a provider that nobody named is not there", async () => {
  await assert.rejects(newApp().signet.federatedNonce("nobody"), withCode("not_found"));
});
