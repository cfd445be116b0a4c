/** Judges tokens, one a line, by the issuer's keys as `jose` fetches and keeps them; answers `good` or the code of its error. */

import { createInterface } from "node:readline";

import { createRemoteJWKSet, jwtVerify } from "jose";

const [issuer, options] = process.argv.slice(2);
const { jwks_uri } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(jwks_uri), JSON.parse(options));

for await (const line of createInterface({ input: process.stdin })) {
  const { token, ...expected } = JSON.parse(line);
  const verdict = jwtVerify(token, keys, { issuer, ...expected });
  console.log(await verdict.then(() => "good", ({ code }) => code));
}
