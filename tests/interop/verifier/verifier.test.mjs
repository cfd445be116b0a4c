/** examples/verifiers/node checks every token vector right, and fails closed. `VECTORS` is a file of `manage.py token_vectors`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";

import { BUDGET, REFRESH, Refused, Unavailable, Verifier } from "./verifier.mjs";

const book = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));
const DOCUMENTS = book.documents.vectors;
const named = (name, among = book.tokens) => among.find((vector) => vector.name === name).token;

/** An issuer that counts who asks, and a verifier whose time goes on only when a test says so. */
function service(document = book.revocations) {
  const issuer = { document, asked: 0, away: false, changed: true };
  const time = { now: book.now, ticks: 100 };
  async function fetch(url, etag) {
    if (url.endsWith("/.well-known/jwks.json")) return { body: JSON.stringify(book.jwks), etag: '"keys"' };
    issuer.asked += 1;
    if (issuer.away) throw new Error("away");
    return issuer.changed || !etag ? { body: issuer.document, etag: '"list"' } : undefined;
  }
  const clocks = { clock: () => time.now, ticks: () => time.ticks };
  const verifier = new Verifier({ issuer: book.issuer, audience: book.audience, fetch, ...clocks });
  return {
    issuer,
    passBy(seconds) {
      time.now += seconds;
      time.ticks += seconds;
    },
    async takes(token) {
      try {
        await verifier.verify(token);
        return true;
      } catch (error) {
        if (error instanceof Refused) return false;
        throw error;
      }
    },
  };
}

for (const { name, token, verdict, reason } of book.tokens) {
  test(`${verdict} ${name}`, async () => {
    assert.equal(await service().takes(token), verdict === "accept", reason);
  });
}

for (const { name, token, verdict, reason } of DOCUMENTS) {
  test(`${verdict} ${name}`, async () => {
    const asked = service(token).takes(named("es256"));
    if (verdict === "accept") assert.equal(await asked, true, reason);
    else await assert.rejects(asked, Unavailable, reason);
  });
}

test("news are asked for once a second, once for all who come meanwhile, and then hold", async () => {
  const one = service(named("document-empty", DOCUMENTS));
  const crowd = () => Promise.all(Array.from({ length: 100 }, () => one.takes(named("sid-ended"))));
  assert.deepEqual(new Set(await crowd()), new Set([true]));
  assert.equal(one.issuer.asked, 1);
  one.issuer.document = book.revocations;
  one.passBy(REFRESH);
  assert.deepEqual(new Set(await crowd()), new Set([false]));
  assert.equal(one.issuer.asked, 2);
});

test("an outage within the budget is served from what is known, beyond it nothing is accepted", async () => {
  const one = service();
  assert.equal(await one.takes(named("es256")), true);
  one.issuer.away = true;
  one.passBy(BUDGET);
  assert.equal(await one.takes(named("es256")), true);
  assert.equal(await one.takes(named("sid-ended")), false);
  one.passBy(REFRESH);
  await assert.rejects(one.takes(named("es256")), Unavailable);
  one.issuer.away = false;
  one.passBy(REFRESH);
  assert.equal(await one.takes(named("es256")), true);
});

test("a cache that is stuck is found out when the list runs out", async () => {
  const one = service();
  assert.equal(await one.takes(named("es256")), true);
  one.issuer.changed = false;
  one.passBy(54);
  assert.equal(await one.takes(named("es256")), true);
  one.passBy(1);
  await assert.rejects(one.takes(named("es256")), Unavailable);
});

test("keys come by HTTPS alone", () => {
  for (const issuer of ["http://id.example.com", "http://127.0.0.1.rogue.example", "http://localhost.rogue.example"]) {
    assert.throws(() => new Verifier({ issuer, audience: "https://notes.example" }), /HTTPS/);
  }
  for (const issuer of ["https://id.example.com", "http://127.0.0.1:8000", "http://localhost:8000"]) {
    new Verifier({ issuer, audience: "https://notes.example" });
  }
});

test("an answer without an end is not read to its end", { timeout: 10_000 }, async () => {
  let sent = 0;
  const server = createServer((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, " "))) sent += 1;
    };
    response.on("drain", more);
    more();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const verifier = new Verifier({ issuer, audience: book.audience });
  await assert.rejects(verifier.verify(named("es256")), Unavailable);
  server.closeAllConnections();
  server.close();
  assert.ok(sent < 64, `${sent} MiB were taken`);
});
