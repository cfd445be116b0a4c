/** openid-client binds its tokens to a key (RFC 9449). The server demands a nonce of its own; the library has to ask again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as oidc from "openid-client";

import { asked, configured, signedIn } from "./openid_client.mjs";
import { Visitor } from "./visitor.mjs";
import { clients } from "./world.mjs";

const visitor = new Visitor();
const key = () => oidc.randomDPoPKeyPair("ES256");

/** And the statuses of what it is answered. */
async function bound() {
  const config = await configured("public", oidc.None());
  const statuses = [];
  config[oidc.customFetch] = async (...request) => {
    const answer = await fetch(...request);
    statuses.push(answer.status);
    return answer;
  };
  return { config, statuses, DPoP: oidc.getDPoPHandle(config, await key()) };
}

test("the exchange of a code is asked again with the nonce", async () => {
  const { config, statuses, DPoP } = await bound();
  const tokens = await signedIn(config, visitor, { DPoP });
  assert.equal(tokens.token_type, "dpop");
  assert.equal(statuses.filter((status) => status === 400).length, 1);
});

test("a refresh is bound to the key, and the next one has its nonce", async () => {
  const { config, statuses, DPoP } = await bound();
  const tokens = await signedIn(config, visitor, { DPoP });
  statuses.length = 0;
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.deepEqual([fresh.token_type, statuses[0]], ["dpop", 200]);
  const another = oidc.getDPoPHandle(config, await key());
  for (const options of [{}, { DPoP: another }]) {
    const refreshed = oidc.refreshTokenGrant(config, fresh.refresh_token, undefined, options);
    await assert.rejects(refreshed, { error: "invalid_dpop_proof" });
  }
  assert.ok((await oidc.refreshTokenGrant(config, fresh.refresh_token, undefined, { DPoP })).access_token);
});

test("userinfo asks for a proof, and for its nonce", async () => {
  const { config, statuses, DPoP } = await bound();
  const tokens = await signedIn(config, visitor, { DPoP });
  const { sub } = tokens.claims();
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).sub, sub);
  statuses.length = 0;
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub), { status: 401 });
  const another = oidc.getDPoPHandle(config, await key());
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP: another }), { status: 401 });
  assert.deepEqual(statuses, [401, 401, 401], "one without a proof, two by another key: the second with the nonce");
});

test("a pushed request binds the code to the key", async () => {
  const { config, DPoP } = await bound();
  const { request, checks } = await asked();
  const address = await oidc.buildAuthorizationUrlWithPAR(config, request, { DPoP });
  const answer = await visitor.letIn(address);
  const another = oidc.getDPoPHandle(config, await key());
  const exchanged = oidc.authorizationCodeGrant(config, answer, checks, undefined, { DPoP: another });
  await assert.rejects(exchanged, { error: "invalid_grant" });
});

test("an address with dpop_jkt binds the code to the key", async () => {
  const { config, DPoP } = await bound();
  const tokens = await signedIn(config, visitor, { parameters: { dpop_jkt: await DPoP.calculateThumbprint() }, DPoP });
  assert.equal(tokens.token_type, "dpop");
});

test("a client that acts as itself gets a token that is bound", async () => {
  const config = await configured("robot", oidc.ClientSecretBasic(clients.robot.secret));
  const DPoP = oidc.getDPoPHandle(config, await key());
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "notes:read" }, { DPoP });
  const service = await configured("notes", oidc.ClientSecretBasic(clients.notes.secret));
  const told = await oidc.tokenIntrospection(service, tokens.access_token);
  assert.deepEqual([told.token_type, told.cnf.jkt], ["DPoP", await DPoP.calculateThumbprint()]);
});

test("a device without a browser gets tokens that are bound", async () => {
  const config = await configured("television", oidc.None());
  const DPoP = oidc.getDPoPHandle(config, await key());
  const shown = await oidc.initiateDeviceAuthorization(config, { scope: "openid offline_access" });
  await visitor.allowDevice(shown.verification_uri, shown.user_code);
  const tokens = await oidc.pollDeviceAuthorizationGrant(config, shown, undefined, { DPoP });
  assert.equal(tokens.token_type, "dpop");
});
