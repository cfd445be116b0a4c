/** oauth4webapi, which knows nothing of this project, goes through every flow at a running server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import * as oauth from "oauth4webapi";

import { INSECURE, Party, server } from "./oauth4webapi.mjs";
import { Visitor } from "./visitor.mjs";
import { clients, issuer, notes, person, signedOut } from "./world.mjs";

const visitor = new Visitor();
const basic = new Party("basic", oauth.ClientSecretBasic(clients.basic.secret));
const asNotes = new Party("notes", oauth.ClientSecretBasic(clients.notes.secret));
const robot = new Party("robot", oauth.ClientSecretBasic(clients.robot.secret));

/** What a service makes of a request to it (RFC 9068). */
const atNotes = (token) => {
  const request = new Request(`${notes}/list`, { headers: { Authorization: `Bearer ${token}` } });
  return oauth.validateJwtAccessToken(server, request, notes, INSECURE);
};

test("the metadata of RFC 8414 and of RFC 9728 say the same", async () => {
  const identifier = new URL(issuer);
  const asked = await oauth.discoveryRequest(identifier, { algorithm: "oauth2", ...INSECURE });
  assert.equal((await oauth.processDiscoveryResponse(identifier, asked)).token_endpoint, server.token_endpoint);
  const answer = await oauth.resourceDiscoveryRequest(identifier, INSECURE);
  const api = await oauth.processResourceDiscoveryResponse(identifier, answer);
  assert.deepEqual([api.authorization_servers, api.jwks_uri], [[issuer], server.jwks_uri]);
});

test("a public client signs somebody in by code and PKCE", async () => {
  const { claims, token_type } = await new Party("public", oauth.None()).signedIn(visitor);
  assert.deepEqual([claims.iss, claims.aud, token_type], [issuer, clients.public.id, "bearer"]);
});

test("a confidential client signs somebody in by code and PKCE", async () => {
  for (const party of [basic, new Party("post", oauth.ClientSecretPost(clients.post.secret))]) {
    assert.equal((await party.signedIn(visitor)).claims.aud, party.client.client_id);
  }
});

test("another verifier gets nothing for the code", async () => {
  const { request, checks } = await basic.asked();
  const sentBack = await visitor.letIn(basic.address(request));
  const others = { ...checks, verifier: oauth.generateRandomCodeVerifier() };
  await assert.rejects(basic.exchanged(sentBack, others), { error: "invalid_grant" });
});

test("a client that keeps a key proves who it is by private_key_jwt", async () => {
  const { key } = clients.keyed;
  const imported = await crypto.subtle.importKey("jwk", key, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const party = new Party("keyed", oauth.PrivateKeyJwt({ key: imported, kid: key.kid }));
  const { claims, refresh_token } = await party.signedIn(visitor);
  assert.equal(claims.aud, clients.keyed.id);
  assert.notEqual((await party.refreshed(refresh_token)).refresh_token, refresh_token);
});

test("a request is pushed beforehand", async () => {
  const party = new Party("pushing", oauth.ClientSecretBasic(clients.pushing.secret));
  const { request, checks } = await party.asked();
  const sentBack = await visitor.letIn(await party.pushed(request));
  assert.equal((await party.exchanged(sentBack, checks)).claims.aud, clients.pushing.id);
});

test("a refusal comes with state and issuer", async () => {
  const { request, checks } = await basic.asked({ prompt: "none" });
  const sentBack = await new Visitor().letIn(basic.address(request));
  const judged = () => oauth.validateAuthResponse(server, basic.client, sentBack, checks.state);
  assert.throws(judged, { error: "login_required" });
});

test("userinfo tells what the person allowed", async () => {
  const { access_token, claims } = await basic.signedIn(visitor);
  const told = await basic.userinfo(access_token, claims.sub);
  assert.deepEqual([told.name, told.email, told.email_verified], ["Alice", person.email, true]);
});

test("a refresh rotates the refresh token and keeps the person", async () => {
  const { refresh_token, claims } = await basic.signedIn(visitor);
  const fresh = await basic.refreshed(refresh_token);
  assert.notEqual(fresh.refresh_token, refresh_token);
  assert.equal(oauth.getValidatedIdTokenClaims(fresh).sub, claims.sub);
  assert.ok((await basic.refreshed(fresh.refresh_token)).access_token);
});

test("a service checks a token by the keys alone", async () => {
  const { access_token, claims } = await basic.signedIn(visitor, { scope: "openid notes:read" });
  const found = await atNotes(access_token);
  assert.deepEqual([found.sub, found.client_id, found.scope], [claims.sub, clients.basic.id, "notes:read"]);
  await assert.rejects(atNotes((await basic.signedIn(visitor)).access_token), "it is for userinfo");
});

test("a service asks about a token as a client of its own", async () => {
  const { access_token } = await basic.signedIn(visitor, { scope: "openid notes:read" });
  const told = await asNotes.introspected(access_token);
  assert.deepEqual([told.active, told.client_id, told.scope], [true, clients.basic.id, "notes:read"]);
  assert.deepEqual(await robot.introspected(access_token), { active: false });
});

test("a revoked refresh token ends what it gave", async () => {
  const { access_token, refresh_token } = await basic.signedIn(visitor, { scope: "openid offline_access notes:read" });
  await basic.revoke(refresh_token);
  await assert.rejects(basic.refreshed(refresh_token), { error: "invalid_grant" });
  assert.deepEqual(await asNotes.introspected(access_token), { active: false });
});

test("a client acts as itself at a service", async () => {
  const { access_token, expires_in } = await robot.asItself("notes:read");
  const found = await atNotes(access_token);
  assert.deepEqual([found.sub, found.client_id, found.scope], [clients.robot.id, clients.robot.id, "notes:read"]);
  assert.equal(found.exp - found.iat, expires_in);
});

test("a device without a browser waits until somebody types its code", async () => {
  const party = new Party("television", oauth.None());
  const shown = await party.device("openid profile offline_access");
  await assert.rejects(party.polled(shown.device_code), { error: "authorization_pending" });
  await visitor.allowDevice(shown.verification_uri, shown.user_code);
  await wait(shown.interval * 1000);
  const tokens = await party.polled(shown.device_code);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal((await party.userinfo(tokens.access_token, sub)).name, "Alice");
});

test("a client signs the browser out and gets it back", async () => {
  const leaving = new Visitor();
  const { id_token, access_token, claims } = await basic.signedIn(leaving, { scope: "openid" });
  const parameters = { id_token_hint: id_token, post_logout_redirect_uri: signedOut, state: "bye" };
  const page = await leaving.open(`${server.end_session_endpoint}?${new URLSearchParams(parameters)}`);
  assert.equal(page.back.href, `${signedOut}?state=bye`);
  await assert.rejects(basic.userinfo(access_token, claims.sub), { status: 401 });
  const { request } = await basic.asked({ prompt: "none" });
  const afterwards = await leaving.letIn(basic.address(request));
  assert.equal(afterwards.searchParams.get("error"), "login_required");
});
