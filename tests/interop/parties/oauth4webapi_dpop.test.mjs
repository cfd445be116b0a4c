/** oauth4webapi binds its tokens to a key (RFC 9449). The server demands its nonce; the library says when to ask again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as oauth from "oauth4webapi";

import { INSECURE, Party, server } from "./oauth4webapi.mjs";
import { Visitor } from "./visitor.mjs";
import { clients, notes } from "./world.mjs";

const visitor = new Visitor();
const key = () => oauth.generateKeyPair("ES256");
const bound = async () => new Party("public", oauth.None(), { DPoP: await key() });

test("the exchange of a code is asked again with the nonce", async () => {
  const party = await bound();
  assert.equal((await party.signedIn(visitor)).token_type, "dpop");
  assert.deepEqual(party.statuses, [400, 200]);
});

test("a refresh is bound to the key, and has the nonce of the answer before", async () => {
  const party = await bound();
  const { refresh_token } = await party.signedIn(visitor);
  party.statuses.length = 0;
  const fresh = await party.refreshed(refresh_token);
  assert.deepEqual([fresh.token_type, party.statuses], ["dpop", [200]]);
  for (const thief of [new Party("public", oauth.None()), await bound()]) {
    await assert.rejects(thief.refreshed(fresh.refresh_token), { error: "invalid_dpop_proof" });
  }
  assert.ok((await party.refreshed(fresh.refresh_token)).access_token);
});

test("userinfo asks for a proof", async () => {
  const party = await bound();
  const { access_token, claims } = await party.signedIn(visitor);
  assert.equal((await party.userinfo(access_token, claims.sub)).sub, claims.sub);
  for (const thief of [new Party("public", oauth.None()), await bound()]) {
    await assert.rejects(thief.userinfo(access_token, claims.sub), { status: 401 });
  }
});

test("userinfo says which nonce it wants", async () => {
  const pair = await key();
  const { access_token, claims } = await new Party("public", oauth.None(), { DPoP: pair }).signedIn(visitor);
  const anew = new Party("public", oauth.None(), { DPoP: pair });
  assert.equal((await anew.userinfo(access_token, claims.sub)).sub, claims.sub);
  assert.deepEqual(anew.statuses, [401, 200]);
});

test("a pushed request binds the code to the key", async () => {
  const party = await bound();
  const { request, checks } = await party.asked();
  const sentBack = await visitor.letIn(await party.pushed(request));
  await assert.rejects((await bound()).exchanged(sentBack, checks), { error: "invalid_grant" });
});

test("a service checks the token and the proof of a client that acts as itself", async () => {
  const pair = await key();
  const robot = new Party("robot", oauth.ClientSecretBasic(clients.robot.secret), { DPoP: pair });
  const { access_token } = await robot.asItself("notes:read");
  let sent;
  const catching = async (url, options) => {
    sent = new Request(url, options);
    return new Response();
  };
  const options = { DPoP: robot.options.DPoP, [oauth.customFetch]: catching };
  await oauth.protectedResourceRequest(access_token, "GET", new URL(`${notes}/list`), undefined, undefined, options);
  const found = await oauth.validateJwtAccessToken(server, sent, notes, { ...INSECURE, requireDPoP: true });
  assert.equal(found.cnf.jkt, await robot.options.DPoP.calculateThumbprint());
});
