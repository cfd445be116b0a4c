/** Confirm that it is you (RFC 9470): one question to the person, however many calls wait for it. */

import type { Configuration } from "./configuration.js";
import type { Refusal, StepUpAnswer } from "./shapes.js";

export interface StepUpAsked {
  /** The last proof must be at most so many seconds old. */
  readonly maxAge: number;
  /** The strength that is wanted, if the token's is less. */
  readonly acrValues: string;
  /** With what this person may confirm here, the most convenient first. */
  readonly methods: string[];
  /** Raises `Refused` for a wrong answer: show it and let them try again. */
  confirm(answer: StepUpAnswer): Promise<void>;
}

/** True once `confirm` has succeeded; false when the person turned away. */
export type StepUp = (asked: StepUpAsked) => Promise<boolean>;

export class Confirmation {
  private open: Promise<boolean> | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly methods: () => Promise<string[]>,
    private readonly confirm: (answer: StepUpAnswer) => Promise<void>,
  ) {}

  /** False as well when the app cannot ask. */
  given(asked: Refusal): Promise<boolean> {
    this.open ??= this.ask(asked).finally(() => (this.open = undefined));
    return this.open;
  }

  private async ask({ max_age = 0, acr_values = "" }: Refusal): Promise<boolean> {
    const { stepUp } = this.configuration;
    if (!stepUp) return false;
    return stepUp({ maxAge: max_age, acrValues: acr_values, methods: await this.methods(), confirm: this.confirm });
  }
}
