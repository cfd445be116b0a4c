/** Somebody who has joined, and how. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { anonymous, newApp, type App } from "./app.js";
import { codeFor } from "./mailbox.js";

export interface Person {
  readonly email: string;
  password: string;
}

export function newPerson(): Person {
  return { email: `${randomUUID()}@example.com`, password: `long enough ${randomUUID()}` };
}

/** Signed up, verified, signed in on this app. A mailed code is less than the password: it is shown too, before factors change. */
export async function join(app: App, person: Person = newPerson()): Promise<Person> {
  const { data, response } = await anonymous.POST("/auth/register/", { body: { ...person, name: "Ada Example" } });
  assert.equal(response.status, 202);
  const code = await codeFor(person.email);
  const outcome = await app.signet.verifyEmail({ email: person.email, code, registration: data?.registration ?? "" });
  assert.equal(outcome.kind, "signed_in");
  await app.signet.stepUp({ method: "password", password: person.password });
  return person;
}

export async function joined(): Promise<{ app: App; person: Person }> {
  const app = newApp();
  return { app, person: await join(app) };
}

/** A second installation of the same person's. */
export async function signedIn(person: Person, app: App = newApp()): Promise<App> {
  assert.equal((await app.signet.signInWithPassword(person.email, person.password)).kind, "signed_in");
  return app;
}

/** For `assert.rejects`: an error whose `code` this is. */
export function withCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.equal((error as { code?: unknown }).code, code);
    return true;
  };
}
