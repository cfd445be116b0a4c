/** A browser without scripts: it follows redirects on the issuer's own pages, and fills in what the forms hold. */

import assert from "node:assert/strict";

import { issuer, person } from "./world.mjs";

const UNESCAPED = { "&amp;": "&", "&quot;": '"', "&#x27;": "'", "&lt;": "<", "&gt;": ">" };
const plain = (text) => text.replace(/&(?:amp|quot|#x27|lt|gt);/g, (entity) => UNESCAPED[entity]);

/** A page that was opened, or, where `sentTo` is set, the address of somebody else's that the browser was sent to. */
class Page {
  constructor(status, text, sentTo) {
    Object.assign(this, { status, text, sentTo });
  }

  get hidden() {
    return [...this.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, plain(value)]);
  }

  asks(path) {
    return this.text.includes(`action="${path}"`);
  }

  /** Where it leads: by redirect, or by the page that goes on. */
  get back() {
    const found = this.sentTo ?? plain(this.text.match(/http-equiv="refresh" content="0; url=([^"]+)"/)?.[1] ?? "");
    assert.ok(found, `${this.status} ${this.text}`);
    return new URL(found);
  }
}

export class Visitor {
  #cookies = new Map();

  async open(address) {
    return this.#follow(await this.#send(address));
  }

  async fill(page, path, fields) {
    const body = new URLSearchParams([...page.hidden, ...Object.entries(fields)]);
    return this.#follow(await this.#send(path, { method: "POST", body }));
  }

  /** Sign in and agree, where that is asked for; answers where the client is told of it. */
  async letIn(address) {
    return (await this.agree(address)).back;
  }

  async agree(address) {
    let page = await this.open(address);
    if (page.asks("/account/sign-in/")) page = await this.fill(page, "/account/sign-in/", person);
    return page.asks("/account/consent/") ? this.fill(page, "/account/consent/", { choice: "allow" }) : page;
  }

  /** Type the code that a device shows. */
  async allowDevice(address, userCode) {
    let page = await this.open(address);
    if (page.asks("/account/sign-in/")) page = await this.fill(page, "/account/sign-in/", person);
    page = await this.fill(page, "/account/device/", { user_code: userCode });
    return this.fill(page, "/account/device/", { choice: "allow" });
  }

  async #follow(answer) {
    while (answer.headers.has("Location")) {
      const address = new URL(answer.headers.get("Location"), issuer);
      if (address.origin !== issuer) return new Page(answer.status, "", address.href);
      answer = await this.#send(address);
    }
    return new Page(answer.status, await answer.text());
  }

  async #send(address, { method = "GET", body } = {}) {
    const url = new URL(address, issuer);
    const headers = { Cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; "), Referer: url.href };
    const answer = await fetch(url, { method, body, headers, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      if (/; max-age=0\b/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}
