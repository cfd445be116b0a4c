/**
 * npm oidc-provider with the store that it brings, which is in memory. `RIVAL` names the file that oidc_provider.py wrote.
 *
 * `GET /codes/N` answers N authorization codes. The store holds a thousand things, so they are made when they are due.
 */

import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const told = JSON.parse(readFileSync(process.env.RIVAL, "utf8"));
const { clientId, redirectUri, challenge, nonce, signInScope, userinfoScope, tokens, people } = told;
// As long as Signet's.
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 3072 });
const accounts = new Map(people.map((email, number) => [`${number}`, { email, email_verified: true }]));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: clientId,
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [redirectUri],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
  cookies: { keys: ["nobody signs in here"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: false } },
  ttl: { AccessToken: 3600, AuthorizationCode: 3600, Grant: 3600, IdToken: 300, RefreshToken: 3600 },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) }),
});
const client = await provider.Client.find(clientId);

/** What every token and code of somebody hangs on: that they let the client in. */
async function granted(accountId, scope) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  return { accountId, client, scope, grantId: await grant.save() };
}

async function code(accountId) {
  const form = { redirectUri, codeChallenge: challenge, codeChallengeMethod: "S256", nonce };
  return new provider.AuthorizationCode({ ...(await granted(accountId, signInScope)), ...form }).save();
}

for (const [number, jti] of tokens.entries()) {
  const token = new provider.AccessToken({ ...(await granted(`${number}`, userinfoScope)), gty: "authorization_code" });
  await Object.assign(token, { jti, format: "opaque" }).save();
}

const answer = provider.callback();
let next = 0;

createServer(async (request, response) => {
  if (!request.url.startsWith("/codes/")) return answer(request, response);
  const wanted = Array.from({ length: Number(request.url.slice(7)) }, () => `${next++ % people.length}`);
  const made = [];
  for (const accountId of wanted) made.push(await code(accountId));
  response.end(JSON.stringify(made));
}).listen(port, "127.0.0.1");
