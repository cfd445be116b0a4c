/** A passkey in software: what `navigator.credentials` answers, with one P-256 key. */

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

import { cbor, type Item } from "./cbor.js";
import type { components } from "./schema.js";

type Document = components["schemas"];
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;
const ES256 = -7;

export class Authenticator {
  private readonly id = randomBytes(20);
  private readonly key: KeyObject;
  private readonly cose: Buffer;
  private userHandle = "";

  constructor(private readonly origin: string) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.key = privateKey;
    const point: [Item, Item][] = [
      [-2, Buffer.from(x, "base64url")],
      [-3, Buffer.from(y, "base64url")],
    ];
    // RFC 9053 §7.1: kty EC2, alg ES256, crv P-256, then the point.
    this.cose = cbor(new Map<Item, Item>([[1, 2], [3, ES256], [-1, 1], ...point]));
  }

  create({ challenge, rp, user }: Document["PasskeyCreationOptions"]["publicKey"]): Document["PasskeyNewRequest"]["credential"] {
    this.userHandle = user.id;
    const length = Buffer.from([0, this.id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.cose]);
    const authData = Buffer.concat([this.data(rp.id, ATTESTED), attested]);
    const statement = new Map<Item, Item>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]);
    return this.envelope({
      clientDataJSON: this.clientData("webauthn.create", challenge).toString("base64url"),
      attestationObject: cbor(statement).toString("base64url"),
      transports: ["internal"],
    });
  }

  get({ challenge, rpId }: Document["PasskeyOptions"]["publicKey"]): Document["PasskeyAnswerRequest"]["credential"] {
    const clientData = this.clientData("webauthn.get", challenge);
    const data = this.data(rpId);
    const message = Buffer.concat([data, createHash("sha256").update(clientData).digest()]);
    return this.envelope({
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: sign("sha256", message, this.key).toString("base64url"),
      userHandle: this.userHandle,
    });
  }

  private data(rpId: string, more = 0): Buffer {
    const hash = createHash("sha256").update(rpId).digest();
    return Buffer.concat([hash, Buffer.from([USER_PRESENT | USER_VERIFIED | more]), Buffer.alloc(4)]);
  }

  private clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  private envelope<Response>(response: Response): { id: string; rawId: string; type: string; response: Response } {
    const id = this.id.toString("base64url");
    return { id, rawId: id, type: "public-key", response };
  }
}
