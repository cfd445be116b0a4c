import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryStore, NoAnswer, SignedOut } from "../../../examples/mobile/src/index.js";
import { anonymous, newApp, url, type App } from "./app.js";
import { joined, signedIn, withCode } from "./people.js";

const FIFTY = Array.from({ length: 50 }, (_, number) => number);

async function fiftyCalls({ api }: App): Promise<Set<number>> {
  const answers = await Promise.all(FIFTY.map(() => api.GET("/api/v1/me/")));
  return new Set(answers.map(({ response }) => response.status));
}

test("fifty calls with a stale token cause one refresh", async () => {
  const { app, person } = await joined();
  const body = { current_password: person.password, new_password: `another ${person.password}` };
  assert.equal((await app.api.POST("/api/v1/me/password/", { body })).response.status, 204);
  assert.deepEqual(await fiftyCalls(app), new Set([200]));
  assert.equal(app.network.statuses.filter((status) => status === 401).length, 50, "each of them met the stale token");
  assert.deepEqual(app.network.refreshes, ["rotated"]);
});

test("fifty calls with a token that is about to run out cause one refresh, and no refusal", async () => {
  const { app } = await joined();
  app.clock.forward(590);
  assert.deepEqual(await fiftyCalls(app), new Set([200]));
  assert.deepEqual(app.network.refreshes, ["rotated"]);
  assert.ok(!app.network.statuses.includes(401));
});

test("a lost answer is asked for again with the same key", async () => {
  const { app } = await joined();
  app.network.loseRefreshAnswers(2);
  await app.signet.refresh();
  assert.equal(app.network.retryKeys.length, 3);
  assert.equal(new Set(app.network.retryKeys).size, 1);
  assert.match(app.network.retryKeys[0] ?? "", /^[0-9a-f]{32}$/);
  assert.deepEqual(app.network.refreshes, ["rotated", "rescued", "rescued"]);
  await app.signet.refresh();
  assert.equal(new Set(app.network.retryKeys).size, 2, "the next refresh has a key of its own");
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
});

test("an app that ended before the answer came asks again when it starts", async () => {
  const { app } = await joined();
  const before = await app.signet.tokens();
  app.network.loseRefreshAnswers(100);
  await assert.rejects(app.signet.refresh(), NoAnswer);
  const stored = await app.store.load();
  assert.equal(stored?.refresh, before?.refresh);
  assert.ok(stored?.retryKey);

  const restarted = newApp({ store: app.store });
  assert.equal((await restarted.signet.refresh()).device, before?.device);
  assert.deepEqual(restarted.network.retryKeys, [stored.retryKey]);
  assert.deepEqual(restarted.network.refreshes, ["rescued"]);
});

test("two parts of an app that share a store share the tokens", async () => {
  const { app } = await joined();
  const widget = newApp({ store: app.store });
  const worn = await app.signet.tokens();
  const [mine, theirs] = await Promise.all([app.signet.refresh(), widget.signet.refresh()]);
  assert.equal(mine.refresh, theirs.refresh);
  assert.notEqual(mine.refresh, worn?.refresh);
  assert.equal(new Set([...app.network.retryKeys, ...widget.network.retryKeys]).size, 1);
});

test("a copied token ends the device, and the app hears of it", async () => {
  const { app, person } = await joined();
  const copied = (await app.signet.tokens())?.refresh ?? "";
  await app.signet.refresh();
  await app.signet.refresh();
  const { error } = await anonymous.POST("/auth/token/refresh/", { body: { refresh: copied } });
  assert.equal(error?.code, "token_reused");
  await assert.rejects(app.signet.refresh(), withCode("device_revoked"));
  assert.deepEqual(app.ends, ["device_revoked"]);
  assert.equal(await app.signet.tokens(), null);
  assert.equal((await (await signedIn(person)).api.GET("/api/v1/me/")).response.status, 200);
});

test("an app restored from a backup is signed out with the reason", async () => {
  const { app } = await joined();
  const backup = new MemoryStore();
  await backup.replace(null, (await app.store.load())!);
  await app.signet.refresh();
  await app.signet.refresh();
  const restored = newApp({ store: backup });
  await assert.rejects(restored.signet.refresh(), withCode("token_reused"));
  assert.deepEqual(restored.ends, ["token_reused"]);
});

test("signing out ends the device on the server", async () => {
  const { app } = await joined();
  const tokens = await app.signet.tokens();
  await app.signet.signOut();
  const refused = await fetch(`${url}/api/v1/me/`, { headers: { Authorization: `Bearer ${tokens?.access}` } });
  assert.equal(refused.status, 401);
  await assert.rejects(app.signet.fetch("/api/v1/me/"), SignedOut);
});
