/** examples/verifiers/node, as in verification.py: one line (seconds) a turn in, one line (seconds for a token) out. */

import { createInterface } from "node:readline";

import { Verifier } from "./verifier.mjs";

const BLOCK = 50;

async function verifying(book, token) {
  const fetch = async (url, etag) => {
    if (etag) return undefined;
    return { body: url.endsWith("/revocations") ? book.revocations : JSON.stringify(book.jwks), etag: "unchanged" };
  };
  const verifier = new Verifier({ issuer: book.issuer, audience: book.audience, fetch, clock: () => book.now });
  return () => verifier.verify(token);
}

/** Processor time of the whole process: the signature is checked on another of its threads. */
function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function turn(verify, seconds) {
  let tokens = 0;
  const [until, before] = [performance.now() + 1000 * seconds, spent()];
  while (performance.now() < until) {
    for (let n = 0; n < BLOCK; n++) await verify();
    tokens += BLOCK;
  }
  return (spent() - before) / tokens;
}

let verify;
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (verify) {
    console.log(JSON.stringify(await turn(verify, asked)));
  } else {
    verify = await verifying(asked.book, asked.token);
    console.log(JSON.stringify((await verify()).sub));
  }
}
