import assert from "node:assert/strict";
import { test } from "node:test";

import { newKey, proofs, type Tokens } from "../../../examples/mobile/src/index.js";
import { newApp, url, type App } from "./app.js";
import { reach } from "./network.js";
import { join } from "./people.js";

async function bound(): Promise<{ app: App; tokens: Tokens }> {
  const app = newApp({ dpop: await proofs(await newKey()) });
  await join(app);
  return { app, tokens: await held(app) };
}

async function held(app: App): Promise<Tokens> {
  const tokens = await app.store.load();
  assert.ok(tokens);
  return tokens;
}

function me(headers: Record<string, string>): Promise<Response> {
  return reach(new Request(`${url}/api/v1/me/`, { headers }));
}

test("a sign-in with a proof binds the tokens, and the layer proves every call", async () => {
  const { app, tokens } = await bound();
  assert.equal(tokens.tokenType, "DPoP");
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
  const { data } = await app.api.GET("/api/v1/me/devices/");
  assert.deepEqual(data?.results.map((device) => device.dpop_bound), [true]);
});

test("one call asks for the nonce, the next ones have it", async () => {
  const { app } = await bound();
  assert.equal(app.network.statuses.filter((status) => status === 401).length, 1);
  app.network.statuses.length = 0;
  for (let call = 0; call < 5; call++) assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
  assert.ok(app.network.statuses.filter((status) => status === 401).length <= 1, "a new nonce at most");
});

test("the tokens alone open nothing", async () => {
  const { app, tokens } = await bound();
  for (const scheme of ["Bearer", "DPoP"]) {
    const refused = await me({ Authorization: `${scheme} ${tokens.access}` });
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get("WWW-Authenticate") ?? "", /^DPoP .*algs="ES256 /);
  }
  const thief = newApp({ store: app.store, dpop: await proofs(await newKey()) });
  await assert.rejects(thief.signet.refresh(), { code: "invalid_dpop_proof" });
  await assert.rejects(newApp({ store: app.store }).signet.refresh(), { code: "invalid_dpop_proof" });
  assert.deepEqual([await held(app), app.ends], [{ ...tokens, retryKey: (await held(app)).retryKey }, []], "nobody is signed out by it");
  await app.signet.refresh();
  assert.notEqual((await held(app)).access, tokens.access);
  assert.equal((await app.api.GET("/api/v1/me/")).response.status, 200);
});

test("a lost answer of a refresh is asked for again with a new proof", async () => {
  const { app } = await bound();
  app.network.loseRefreshAnswers(2);
  await app.signet.refresh();
  assert.deepEqual(app.network.refreshes.filter((outcome) => outcome !== "401"), ["rotated", "rescued", "rescued"]);
});
