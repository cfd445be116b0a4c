/** The bodies that this layer reads and writes. tests/interop compiles them against the types of the OpenAPI document. */

export interface TokenPair {
  access?: string;
  refresh?: string;
  token_type?: string;
  expires_in: number;
  refresh_expires_in: number;
  scope: string;
  device: string;
}

export interface SteppedUp {
  access?: string;
  expires_in: number;
  scope: string;
  acr: string;
  auth_time: number;
}

/** The one error shape; what stands beside `code` and `detail` depends on the code. */
export interface Refusal {
  code: string;
  detail: string;
  errors?: Record<string, { code: string; detail: string }[]>;
  required_scope?: string;
  max_age?: number;
  acr_values?: string;
  challenge?: string;
  methods?: string[];
  expires_in?: number;
  publicKey?: object;
}

export type SecondFactor = "totp" | "recovery_code" | "passkey";

/** What somebody shows as a second factor: a code, or the JSON of what the passkey prompt answered. */
export type FactorAnswer =
  | { method: "totp" | "recovery_code"; code: string }
  | { method: "passkey"; credential: AuthenticationResponse };

/** What somebody shows to confirm that it is them. A passkey or mailed code names the challenge that it answers. */
export type StepUpAnswer =
  | { method: "password"; password: string }
  | { method: "totp" | "recovery_code"; code: string }
  | { method: "email"; code: string; challenge: string }
  | { method: "passkey"; credential: AuthenticationResponse; challenge: string };

/** `PublicKeyCredential.toJSON()` of `navigator.credentials.get()`; phones' passkey libraries answer the same. */
export interface AuthenticationResponse {
  id: string;
  rawId: string;
  type: string;
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    signature: string;
    userHandle?: string | null;
  };
  clientExtensionResults?: unknown;
  authenticatorAttachment?: string | null;
}

export interface PasskeyOptions {
  challenge: string;
  publicKey: object;
}

export interface FederatedNonce {
  nonce: string;
  expires_in: number;
}

export interface CodeAsked {
  challenge: string;
  expires_in: number;
}

export interface Enrolment {
  secret: string;
  otpauth_uri: string;
  qr_svg: string;
}
