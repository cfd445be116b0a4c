/** Without a server: what the layer does with answers that a real one seldom gives. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ItemStore, MemoryStore, NoAnswer, Signet, type Configuration, type Tokens } from "../../../examples/mobile/src/index.js";
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

test("an unavailable account is signed out, a proxy's page is not believed", async () => {
  const ends: string[] = [];
  const onSignedOut = (reason: string): void => void ends.push(reason);
  const gone = await signedIn([code(401, "account_unavailable")], { onSignedOut });
  await assert.rejects(gone.signet.refresh());
  assert.deepEqual(ends, ["account_unavailable"]);
  const portal = await signedIn([() => new Response("<html>", { status: 401 })], { onSignedOut });
  await assert.rejects(portal.signet.refresh());
  assert.equal((await portal.store.load())?.access, TOKENS.access);
  assert.equal(ends.length, 1);
});

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
  assert.deepEqual(asked, [["GET", url, "access"], ["GET", url, "access"]]);
  assert.deepEqual(sent.map(({ headers }) => headers.get("DPoP")), ["proof-1", "proof-2"]);
  assert.equal(sent[0]?.headers.get("Authorization"), "DPoP access");
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
