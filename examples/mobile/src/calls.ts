/** Calls with the access token: renewed, confirmed and repeated where that helps. */

import type { Configuration } from "./configuration.js";
import type { Connection } from "./connection.js";
import type { Holder } from "./holder.js";
import { NoAnswer } from "./refusals.js";
import type { SteppedUp, StepUpAnswer } from "./shapes.js";
import { Confirmation } from "./step_up.js";
import type { Tokens } from "./store.js";
import { json, refusal, refused } from "./wire.js";

/** A 401 that a new access token may cure. */
const RENEWABLE = new Set(["token_expired", "token_stale", "token_invalid"]);

export class Calls {
  private readonly confirmation: Confirmation;

  constructor(
    configuration: Configuration,
    private readonly connection: Connection,
    private readonly holder: Holder,
  ) {
    this.confirmation = new Confirmation(
      configuration,
      () => this.stepUpMethods(),
      (answer) => this.stepUp(answer),
    );
  }

  /** As `fetch` answers: a refusal is a `Response` too. Raises `SignedOut`, and `NoAnswer` when nothing came back. */
  async fetch(request: Request): Promise<Response> {
    try {
      const { tokens, response } = await this.renewing(request);
      if (response.status !== 401) return response;
      const body = await refusal(response);
      if (body.code !== "insufficient_user_authentication") return response;
      const confirmed = (await this.moved(tokens)) || (await this.confirmation.given(body));
      return confirmed ? (await this.renewing(request)).response : response;
    } catch (error) {
      if (error instanceof NoAnswer && error.response) return error.response;
      throw error;
    }
  }

  /** Raises `Refused`. Older access tokens of this device are stale afterwards; calls that carry one renew it. */
  async stepUp(answer: StepUpAnswer): Promise<void> {
    const { tokens, response } = await this.renewing(this.connection.posting("/auth/step-up/", answer));
    if (!response.ok) throw await refused(response);
    await this.holder.raise(tokens.device, await json<SteppedUp>(response));
  }

  async stepUpMethods(): Promise<string[]> {
    const { response } = await this.renewing(this.connection.request("/auth/step-up/"));
    if (!response.ok) throw await refused(response);
    return (await json<{ methods: string[] }>(response)).methods;
  }

  /** One call; once more with new tokens if the old ones were the trouble. */
  private async renewing(request: Request): Promise<{ tokens: Tokens; response: Response }> {
    let tokens = await this.holder.good();
    let response = await this.connection.call(request, tokens);
    if (response.status === 401 && RENEWABLE.has((await refusal(response)).code)) {
      tokens = await this.holder.renewed(tokens);
      response = await this.connection.call(request, tokens);
    }
    if (response.status === 401 && (await refusal(response)).code === "device_revoked") {
      await this.holder.end(tokens, "device_revoked");
    }
    return { tokens, response };
  }

  /** Whether somebody else has confirmed or renewed since. */
  private async moved(tokens: Tokens): Promise<boolean> {
    return (await this.holder.current()).access !== tokens.access;
  }
}
