/** What the stories of openid-client begin with: its configuration for one of our clients, and somebody signed in by it. */

import * as oidc from "openid-client";

import { back, clients, issuer } from "./world.mjs";

export const SCOPE = "openid profile email offline_access";

/** Of a client by its name in the world. Everything else it finds out by itself; signatures of ID tokens are checked, too. */
export async function configured(name, authentication) {
  const { id } = clients[name];
  const options = { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] };
  return oidc.discovery(new URL(issuer), id, undefined, authentication, options);
}

/** A request by code with PKCE, `state` and `nonce`, and the checks of its answer. */
export async function asked(parameters = {}) {
  const checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  };
  const request = {
    redirect_uri: back,
    scope: SCOPE,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    ...parameters,
  };
  return { request, checks };
}

export async function signedIn(config, visitor, { parameters, DPoP } = {}) {
  const { request, checks } = await asked(parameters);
  const answer = await visitor.letIn(oidc.buildAuthorizationUrl(config, request));
  return oidc.authorizationCodeGrant(config, answer, checks, undefined, { DPoP });
}
