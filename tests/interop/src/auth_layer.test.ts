/** Without a server: what the layer does with answers that a real one seldom gives. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ItemStore,
  MemoryStore,
  NoAnswer,
  Refused,
  SignedOut,
  Signet,
  type Configuration,
  type Tokens,
} from "../../../examples/mobile/src/index.js";
import { TestClock } from "./app.js";

const TOKENS: Tokens = {
  access: "access",
  refresh: "rt1.refresh",
  tokenType: "Bearer",
  device: "device",
  scope: "profile:read",
  renewAt: Date.now() + 600_000,
  retryKey: "",
};
const PAIR = { access: "new", refresh: "rt1.new", expires_in: 600, refresh_expires_in: 1000, scope: "", device: "device" };
const UNAVAILABLE = { status: 503, headers: { "Retry-After": "7" } };

type Answer = () => Response;

async function signedIn(answers: Answer[], options: Partial<Configuration> = {}, tokens = TOKENS) {
  const [store, clock, sent] = [new MemoryStore(), new TestClock(), [] as Request[]];
  await store.replace(null, tokens);
  const fetch = async (request: Request): Promise<Response> => {
    sent.push(request);
    return (answers.shift() ?? (() => Response.json({})))();
  };
  return { store, clock, sent, signet: new Signet({ baseUrl: "https://id.example.com", store, clock, fetch, ...options }) };
}

const lost: Answer = () => {
  throw new TypeError("no network");
};
const code = (status: number, name: string): Answer => () => Response.json({ code: name, detail: "" }, { status });

test("a busy server is asked again, no sooner than it says", async () => {
  const { signet, clock, sent } = await signedIn([() => new Response(null, UNAVAILABLE), lost]);
  assert.equal((await signet.fetch("/api/v1/me/")).status, 200);
  assert.equal(sent.length, 3);
  assert.equal(clock.slept[0], 7000);
});

test("a server that stays away keeps its tokens with the app", async () => {
  const { signet, store, clock, sent } = await signedIn(Array.from({ length: 9 }, () => lost), { patience: { tries: 3 } });
  await assert.rejects(signet.fetch("/api/v1/me/"), NoAnswer);
  assert.equal(sent.length, 3);
  assert.ok((clock.slept[1] ?? 0) >= (clock.slept[0] ?? 0));
  await assert.rejects(signet.refresh(), NoAnswer);
  assert.equal((await store.load())?.refresh, TOKENS.refresh);
});

test("what cannot safely happen twice is not repeated", async () => {
  const { signet, sent } = await signedIn([lost]);
  await assert.rejects(signet.fetch("/api/v1/links/", { method: "POST", body: "{}" }), NoAnswer);
  assert.equal(sent.length, 1);
});

test("a refused call is repeated with its body once the token is renewed", async () => {
  const answers = [code(401, "token_expired"), () => Response.json(PAIR), () => Response.json({})];
  const { signet, sent } = await signedIn(answers);
  assert.equal((await signet.fetch("/api/v1/links/", { method: "POST", body: '{"path":"/"}' })).status, 200);
  assert.equal(await sent[2]?.text(), '{"path":"/"}');
  assert.equal(sent[2]?.headers.get("Authorization"), "Bearer new");
});

test("the retry key is stored before the first try", async () => {
  const stored: string[] = [];
  const { signet, store } = await signedIn([() => Response.json(PAIR)], {
    fetch: async () => {
      stored.push((await store.load())?.retryKey ?? "");
      return Response.json(PAIR);
    },
  });
  await signet.refresh();
  assert.match(stored[0] ?? "", /^[0-9a-f]{32}$/);
  assert.equal((await store.load())?.retryKey, "");
});

const ENDS = ["token_invalid", "token_expired", "token_reused", "device_revoked", "account_unavailable", "email_unverified"];

for (const ended of [...ENDS, "insufficient_user_authentication"]) {
  test(`a refresh that is refused with ${ended} ends the sign-in`, async () => {
    const ends: string[] = [];
    const { signet, store } = await signedIn([code(401, ended)], { onSignedOut: (reason) => void ends.push(reason) });
    await assert.rejects(signet.refresh(), SignedOut);
    assert.deepEqual(ends, [ended]);
    assert.equal((await store.load())?.access, "");
  });
}

const OTHERS: Record<string, Answer> = {
  "a proxy's page": () => new Response("<html>", { status: 401 }),
  "the word of a proxy": () => Response.json({ code: 401, error: "unauthorized" }, { status: 401 }),
  "a code to come": code(401, "client_outdated"),
  "a wish for a nonce that nobody here can meet": code(401, "use_dpop_nonce"),
  "one of those codes under another status": code(403, "device_revoked"),
};

for (const [what, answer] of Object.entries(OTHERS)) {
  test(`${what} does not end the sign-in`, async () => {
    const ends: string[] = [];
    const onSignedOut = (reason: string): void => void ends.push(reason);
    const { signet, store } = await signedIn([answer, () => Response.json(PAIR)], { onSignedOut });
    await assert.rejects(signet.refresh(), Refused);
    assert.equal((await store.load())?.access, TOKENS.access);
    assert.deepEqual(ends, []);
    assert.equal((await signet.refresh()).access, "new");
  });
}

test("a token never leaves for another origin", async () => {
  const { signet, sent } = await signedIn([]);
  await assert.rejects(signet.fetch("https://example.org/api/v1/me/"), TypeError);
  assert.equal(sent.length, 0);
});

test("every try has a proof of its own, bound to the token it goes with", async () => {
  const asked: unknown[][] = [];
  const dpop = async (...of: unknown[]): Promise<string> => `proof-${asked.push(of)}`;
  const { signet, sent } = await signedIn([lost], { dpop }, { ...TOKENS, tokenType: "DPoP" });
  await signet.fetch("/api/v1/me/devices/?cursor=1");
  const url = "https://id.example.com/api/v1/me/devices/";
  assert.deepEqual(asked, [["GET", url, "access", undefined], ["GET", url, "access", undefined]]);
  assert.deepEqual(sent.map(({ headers }) => headers.get("DPoP")), ["proof-1", "proof-2"]);
  assert.equal(sent[0]?.headers.get("Authorization"), "DPoP access");
});

test("a nonce that the server wants goes into the next proof, and into those after it", async () => {
  const nonces: (string | undefined)[] = [];
  const dpop = async (_method: string, _url: string, _access?: string, nonce?: string): Promise<string> => {
    nonces.push(nonce);
    return `proof-${nonces.length}`;
  };
  const wanted = (nonce: string): Response =>
    Response.json({ code: "use_dpop_nonce", detail: "" }, { status: 401, headers: { "DPoP-Nonce": nonce } });
  const answers = [() => wanted("first"), () => Response.json(PAIR), () => Response.json({}), () => wanted("second")];
  const { signet, sent } = await signedIn(answers, { dpop });
  await signet.refresh();
  assert.equal(sent[0]?.headers.get("Idempotency-Key"), sent[1]?.headers.get("Idempotency-Key"));
  assert.equal((await signet.fetch("/api/v1/me/")).status, 200);
  assert.equal((await signet.fetch("/api/v1/links/", { method: "POST", body: "{}" })).status, 200);
  assert.deepEqual(nonces, [undefined, "first", "first", "first", "second"]);
});

test("a server that is never content with its nonce is not asked for ever", async () => {
  const wanted = (): Response =>
    Response.json({ code: "use_dpop_nonce", detail: "" }, { status: 401, headers: { "DPoP-Nonce": `${Math.random()}` } });
  const { signet, sent } = await signedIn([wanted, wanted, wanted], { dpop: async () => "proof" });
  assert.equal((await signet.fetch("/api/v1/me/")).status, 401);
  assert.equal(sent.length, 2);
});

test("a store keeps what was there when somebody else was faster", async () => {
  const items = new Map<string, string>();
  const store = new ItemStore({
    get: async (name) => items.get(name) ?? null,
    set: async (name, value) => void items.set(name, value),
  });
  await store.replace(null, TOKENS);
  const [first, second] = await Promise.all([
    store.replace(TOKENS, { ...TOKENS, access: "first" }),
    store.replace(TOKENS, { ...TOKENS, access: "second" }),
  ]);
  assert.deepEqual([first.access, second.access], ["first", "first"]);
});
