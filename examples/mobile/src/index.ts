export type { Configuration, DPoP } from "./configuration.js";
export { newKey, proofs } from "./proofs.js";
export { NoAnswer, Refused, SignedOut } from "./refusals.js";
export type { Clock, Patience } from "./retry.js";
export type * from "./shapes.js";
export { Signet, type MailedProof, type Outcome } from "./signet.js";
export type { StepUp, StepUpAsked } from "./step_up.js";
export { ItemStore, MemoryStore, type Items, type Tokens, type TokenStore } from "./store.js";
export type { Fetch } from "./wire.js";
