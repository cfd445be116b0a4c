/** openid-client, which knows nothing of this project, goes through every flow at a running server. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as oidc from "openid-client";

import { asked, configured, signedIn } from "./openid_client.mjs";
import { Visitor } from "./visitor.mjs";
import { back, clients, issuer, notes, person, signedOut } from "./world.mjs";

const visitor = new Visitor();
const basic = () => configured("basic", oidc.ClientSecretBasic(clients.basic.secret));
const asNotes = () => configured("notes", oidc.ClientSecretBasic(clients.notes.secret));
const refused = (error) => (problem) => {
  assert.equal(problem.error, error, problem);
  return true;
};

test("a public client signs somebody in by code and PKCE", async () => {
  const tokens = await signedIn(await configured("public", oidc.None()), visitor);
  const { iss, aud } = tokens.claims();
  assert.deepEqual([iss, aud, tokens.token_type], [issuer, clients.public.id, "bearer"]);
});

test("a confidential client signs somebody in by code and PKCE", async () => {
  for (const config of [await basic(), await configured("post", oidc.ClientSecretPost(clients.post.secret))]) {
    const tokens = await signedIn(config, visitor);
    assert.equal(tokens.claims().aud, config.clientMetadata().client_id);
  }
});

test("another verifier gets nothing for the code", async () => {
  const config = await configured("public", oidc.None());
  const { request, checks } = await asked();
  const answer = await visitor.letIn(oidc.buildAuthorizationUrl(config, request));
  const others = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  await assert.rejects(oidc.authorizationCodeGrant(config, answer, others), refused("invalid_grant"));
});

test("a client that keeps a key proves who it is by private_key_jwt", async () => {
  const { key } = clients.keyed;
  const imported = await crypto.subtle.importKey("jwk", key, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const config = await configured("keyed", oidc.PrivateKeyJwt({ key: imported, kid: key.kid }));
  const tokens = await signedIn(config, visitor);
  assert.equal(tokens.claims().aud, clients.keyed.id);
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(fresh.refresh_token, tokens.refresh_token);
});

test("a request is pushed beforehand", async () => {
  const config = await configured("pushing", oidc.ClientSecretBasic(clients.pushing.secret));
  const { request, checks } = await asked();
  const address = await oidc.buildAuthorizationUrlWithPAR(config, request);
  assert.deepEqual([...address.searchParams.keys()].sort(), ["client_id", "request_uri"]);
  const tokens = await oidc.authorizationCodeGrant(config, await visitor.letIn(address), checks);
  assert.equal(tokens.claims().aud, clients.pushing.id);
});

test("an answer comes as a form", async () => {
  const config = await basic();
  const { request, checks } = await asked({ response_mode: "form_post" });
  const page = await visitor.agree(oidc.buildAuthorizationUrl(config, request));
  assert.ok(page.asks(back), page.text);
  const answer = new Request(back, { method: "POST", body: new URLSearchParams(page.hidden) });
  assert.ok((await oidc.authorizationCodeGrant(config, answer, checks)).claims().sub);
});

test("a refusal comes with state and issuer", async () => {
  const config = await basic();
  const { request, checks } = await asked({ prompt: "none" });
  const answer = await new Visitor().letIn(oidc.buildAuthorizationUrl(config, request));
  await assert.rejects(oidc.authorizationCodeGrant(config, answer, checks), refused("login_required"));
});

test("userinfo tells what the person allowed", async () => {
  const config = await basic();
  const tokens = await signedIn(config, visitor);
  const told = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.deepEqual([told.name, told.email, told.email_verified], ["Alice", person.email, true]);
});

test("a refresh rotates the refresh token and keeps the person", async () => {
  const config = await basic();
  const tokens = await signedIn(config, visitor);
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(fresh.refresh_token, tokens.refresh_token);
  const { sub, sid } = tokens.claims();
  assert.deepEqual([fresh.claims().sub, fresh.claims().sid], [sub, sid]);
  assert.ok((await oidc.refreshTokenGrant(config, fresh.refresh_token)).access_token);
});

test("a service asks about a token as a client of its own", async () => {
  const tokens = await signedIn(await basic(), visitor, { parameters: { scope: "openid notes:read" } });
  const told = await oidc.tokenIntrospection(await asNotes(), tokens.access_token);
  assert.deepEqual([told.active, told.client_id, told.scope], [true, clients.basic.id, "notes:read"]);
  assert.deepEqual([told.aud].flat(), [notes]);
  const stranger = await configured("robot", oidc.ClientSecretBasic(clients.robot.secret));
  assert.deepEqual(await oidc.tokenIntrospection(stranger, tokens.access_token), { active: false });
});

test("a revoked refresh token ends what it gave", async () => {
  const config = await basic();
  const tokens = await signedIn(config, visitor, { parameters: { scope: "openid offline_access notes:read" } });
  await oidc.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused("invalid_grant"));
  assert.deepEqual(await oidc.tokenIntrospection(await asNotes(), tokens.access_token), { active: false });
});

test("a client acts as itself at a service", async () => {
  const config = await configured("robot", oidc.ClientSecretBasic(clients.robot.secret));
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "notes:read" });
  const told = await oidc.tokenIntrospection(await asNotes(), tokens.access_token);
  assert.deepEqual([told.active, told.sub, [told.aud].flat()], [true, clients.robot.id, [notes]]);
});

test("a device without a browser waits until somebody types its code", async () => {
  const config = await configured("television", oidc.None());
  const shown = await oidc.initiateDeviceAuthorization(config, { scope: "openid profile offline_access" });
  assert.equal(new URL(shown.verification_uri).origin, issuer);
  const waiting = oidc.pollDeviceAuthorizationGrant(config, shown);
  await visitor.allowDevice(shown.verification_uri, shown.user_code);
  const tokens = await waiting;
  const told = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(told.name, "Alice");
  assert.ok(tokens.refresh_token);
});

test("a client signs the browser out and gets it back", async () => {
  const config = await basic();
  const leaving = new Visitor();
  const tokens = await signedIn(config, leaving, { parameters: { scope: "openid" } });
  const parameters = { id_token_hint: tokens.id_token, post_logout_redirect_uri: signedOut, state: "bye" };
  const page = await leaving.open(oidc.buildEndSessionUrl(config, parameters));
  assert.equal(page.back.href, `${signedOut}?state=bye`);
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), { status: 401 });
  const { request } = await asked({ prompt: "none" });
  const afterwards = await leaving.letIn(oidc.buildAuthorizationUrl(config, request));
  assert.equal(afterwards.searchParams.get("error"), "login_required");
});
