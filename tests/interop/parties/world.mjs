/** What `tests/interop/registered.py` registered at the running server: a client of each kind, a service, and Alice. */

export const { issuer, person, back, signedOut, notes, clients } = JSON.parse(process.env.SIGNET_WORLD);
