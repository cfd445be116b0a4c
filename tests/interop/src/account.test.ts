import assert from "node:assert/strict";
import { test } from "node:test";

import { anonymous, newApp } from "./app.js";
import { joined, signedIn, withCode } from "./people.js";

test("devices are listed, renamed and signed out", async () => {
  const { app, person } = await joined();
  const other = await signedIn(person, newApp({ device: { name: "Tablet", platform: "test" } }));
  const listed = (await app.api.GET("/api/v1/me/devices/")).data?.results ?? [];
  assert.deepEqual(new Set(listed.map(({ name }) => name)), new Set(["Interop", "Tablet"]));
  const id = listed.find(({ current }) => !current)?.id ?? "";

  const renamed = await app.api.PATCH("/api/v1/me/devices/{id}/", { params: { path: { id } }, body: { name: "Old tablet" } });
  assert.equal(renamed.data?.name, "Old tablet");
  assert.equal((await other.api.GET("/api/v1/me/")).response.status, 200);
  assert.equal((await app.api.DELETE("/api/v1/me/devices/{id}/", { params: { path: { id } } })).response.status, 204);
  await assert.rejects(other.api.GET("/api/v1/me/"), withCode("device_revoked"));
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
});

test("every other device is signed out at once", async () => {
  const { app, person } = await joined();
  const others = [await signedIn(person), await signedIn(person)];
  assert.equal((await app.api.POST("/api/v1/me/devices/revoke-others/", { body: {} })).data?.revoked, 2);
  for (const other of others) await assert.rejects(other.api.GET("/api/v1/me/"), withCode("device_revoked"));
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
});

test("an access token is good until its device is signed out", async () => {
  const { app } = await joined();
  const token = (await app.signet.tokens())?.access ?? "";
  assert.equal((await anonymous.POST("/auth/token/verify/", { body: { token } })).response.status, 200);
  await app.signet.signOut();
  assert.equal((await anonymous.POST("/auth/token/verify/", { body: { token } })).response.status, 401);
});

test("a name and a language are changed", async () => {
  const { app } = await joined();
  const changed = await app.api.PATCH("/api/v1/me/", { body: { name: "Grace", language: "de" } });
  assert.deepEqual([changed.data?.name, changed.data?.language], ["Grace", "de"]);
});

test("everything held about somebody comes by a link that opens once", async () => {
  const { app, person } = await joined();
  const { data } = await app.api.POST("/api/v1/me/export/", { body: {} });
  const opened = await fetch(data?.url ?? "");
  assert.equal(opened.status, 200);
  assert.ok((await opened.text()).includes(person.email));
  assert.equal((await fetch(data?.url ?? "")).status, 401);
});

test("a confirmation by password renews the proof", async () => {
  const { app, person } = await joined();
  const before = await app.signet.tokens();
  assert.deepEqual(await app.signet.stepUpMethods(), ["password"]);
  await assert.rejects(app.signet.stepUp({ method: "password", password: "wrong" }), withCode("invalid_credentials"));
  await app.signet.stepUp({ method: "password", password: person.password });
  const after = await app.signet.tokens();
  assert.notEqual(after?.access, before?.access);
  assert.equal(after?.refresh, before?.refresh);
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
});

test("somebody leaves, and nothing of theirs opens any more", async () => {
  const { app, person } = await joined();
  const tokens = await app.store.load();
  const mistyped = await app.api.DELETE("/api/v1/me/", { body: { confirm: "somebody@example.com" } });
  assert.equal(mistyped.error?.code, "invalid");
  const left = await app.api.DELETE("/api/v1/me/", { body: { confirm: person.email } });
  assert.equal(left.response.status, 202);
  assert.ok(left.data?.deletion_due_at);

  await assert.rejects(app.api.GET("/api/v1/me/"), withCode("device_revoked"));
  assert.deepEqual(app.ends, ["device_revoked"]);
  const { error } = await anonymous.POST("/auth/token/refresh/", { body: { refresh: tokens?.refresh ?? "" } });
  assert.equal(error?.code, "device_revoked");
  await assert.rejects(app.signet.signInWithPassword(person.email, person.password), withCode("invalid_credentials"));
});
