/** Does the auth layer read and write what the document says? Compiled, never run: a document that lies does not compile. */

import type * as mobile from "../../../examples/mobile/src/index.js";
import type { components } from "./schema.js";

type Document = components["schemas"];
/** Compiles when every `Value` is a `Wanted`. */
type Is<Value extends Wanted, Wanted> = Value;

export type Answers = [
  Is<Document["TokenPair"], mobile.TokenPair>,
  Is<Document["SteppedUp"], mobile.SteppedUp>,
  Is<Document["Error"], mobile.Refusal>,
  Is<Document["PasskeyOptions"], mobile.PasskeyOptions>,
  Is<Document["CodeAsked"], mobile.CodeAsked>,
  Is<Document["Enrolment"], mobile.Enrolment>,
  Is<Document["Nonce"], mobile.FederatedNonce>,
];
export type Requests = [
  Is<mobile.StepUpAnswer, Document["StepUpRequest"]>,
  Is<mobile.FactorAnswer & { challenge: string }, Document["MfaAnswerRequest"]>,
  Is<mobile.MailedProof, Document["VerifyEmailRequest"]>,
  Is<mobile.AuthenticationResponse, Document["PasskeyAnswerRequest"]["credential"]>,
];
/** What a browser takes fits without a cast (Web Authentication §5.1). */
export type Browser = [
  Is<Document["PasskeyOptions"]["publicKey"], PublicKeyCredentialRequestOptionsJSON>,
  Is<Document["PasskeyCreationOptions"]["publicKey"], PublicKeyCredentialCreationOptionsJSON>,
  Is<NonNullable<Document["Error"]["publicKey"]>, PublicKeyCredentialRequestOptionsJSON>,
];
