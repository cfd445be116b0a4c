/** The flows of oauth4webapi: each a request and the judgement of its answer, once more where the server demands its nonce. */

import * as oauth from "oauth4webapi";

import { back, clients, issuer } from "./world.mjs";

export const SCOPE = "openid profile email offline_access";
export const INSECURE = { [oauth.allowInsecureRequests]: true };

export const server = await oauth
  .discoveryRequest(new URL(issuer), { algorithm: "oidc", ...INSECURE })
  .then((answer) => oauth.processDiscoveryResponse(new URL(issuer), answer));

/** Of a client by its name in the world. */
export class Party {
  constructor(name, authentication, { DPoP } = {}) {
    this.client = { client_id: clients[name].id };
    this.authentication = authentication;
    this.options = { ...INSECURE, ...(DPoP && { DPoP: oauth.DPoP(this.client, DPoP) }) };
    /** Of every answer, in order. */
    this.statuses = [];
    this.options[oauth.customFetch] = async (...request) => {
      const answer = await fetch(...request);
      this.statuses.push(answer.status);
      return answer;
    };
  }

  /** `send` a request, `read` its answer; once more, when all that was missing is the server's nonce. */
  async #twice(send, read) {
    const once = async () => {
      const answer = await send();
      return { answer, result: await read(answer) };
    };
    return once().catch((problem) => {
      if (oauth.isDPoPNonceError(problem)) return once();
      throw problem;
    });
  }

  async #ask(request, read, ...parameters) {
    const send = () => request(server, this.client, this.authentication, ...parameters, this.options);
    return (await this.#twice(send, (answer) => read(server, this.client, answer))).result;
  }

  /** The address for the browser, and what its answer is judged by. */
  async asked(parameters = {}) {
    const verifier = oauth.generateRandomCodeVerifier();
    const checks = { verifier, state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
    const request = new URLSearchParams({
      client_id: this.client.client_id,
      redirect_uri: back,
      response_type: "code",
      scope: SCOPE,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...parameters,
    });
    return { request, checks };
  }

  address(request) {
    return new URL(`${server.authorization_endpoint}?${request}`);
  }

  async pushed(request) {
    const { request_uri } = await this.#ask(oauth.pushedAuthorizationRequest, oauth.processPushedAuthorizationResponse, request);
    return this.address(new URLSearchParams({ client_id: this.client.client_id, request_uri }));
  }

  /** The code for tokens; the signature of the ID token is checked with the server's keys. */
  async exchanged(sentBack, { verifier, state, nonce }) {
    const given = oauth.validateAuthResponse(server, this.client, sentBack, state);
    const expected = { expectedNonce: nonce, requireIdToken: true };
    const { answer, result } = await this.#twice(
      () => oauth.authorizationCodeGrantRequest(server, this.client, this.authentication, given, back, verifier, this.options),
      (answer) => oauth.processAuthorizationCodeResponse(server, this.client, answer, expected),
    );
    await oauth.validateApplicationLevelSignature(server, answer, INSECURE);
    return { ...result, claims: oauth.getValidatedIdTokenClaims(result) };
  }

  async signedIn(visitor, parameters) {
    const { request, checks } = await this.asked(parameters);
    return this.exchanged(await visitor.letIn(this.address(request)), checks);
  }

  refreshed(token) {
    return this.#ask(oauth.refreshTokenGrantRequest, oauth.processRefreshTokenResponse, token);
  }

  introspected(token) {
    return this.#ask(oauth.introspectionRequest, oauth.processIntrospectionResponse, token);
  }

  async revoke(token) {
    const answer = await oauth.revocationRequest(server, this.client, this.authentication, token, this.options);
    return oauth.processRevocationResponse(answer);
  }

  asItself(scope) {
    const parameters = new URLSearchParams({ scope });
    return this.#ask(oauth.clientCredentialsGrantRequest, oauth.processClientCredentialsResponse, parameters);
  }

  device(scope) {
    const parameters = new URLSearchParams({ scope });
    return this.#ask(oauth.deviceAuthorizationRequest, oauth.processDeviceAuthorizationResponse, parameters);
  }

  polled(deviceCode) {
    return this.#ask(oauth.deviceCodeGrantRequest, oauth.processDeviceCodeResponse, deviceCode);
  }

  async userinfo(token, sub) {
    const send = () => oauth.userInfoRequest(server, this.client, token, this.options);
    return (await this.#twice(send, (answer) => oauth.processUserInfoResponse(server, this.client, sub, answer))).result;
  }
}
