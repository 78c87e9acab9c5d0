/** The tokens of one sign-in: kept in memory, renewed once for all who wait. Knows nothing of any other operation. */
import type { components } from "./schema.js";

/** What a sign-in and a renewal give. */
export type Tokens = components["schemas"]["Tokens"];

/** Seconds before its end at which an access token counts as ended. */
const MARGIN = 5;

export class Session {
  #tokens: Tokens | undefined;
  #expires = 0;
  #generation = 0;
  #renewal: Promise<string | undefined> | undefined;

  constructor(
    private readonly base: string,
    private readonly send: typeof fetch,
    private readonly onSignedOut: (() => void) | undefined,
  ) {}

  keep(tokens: Tokens): void {
    this.#tokens = tokens;
    this.#generation += 1;
    this.#expires = Date.now() + (tokens.expires_in - MARGIN) * 1000;
  }

  forget(): void {
    this.#tokens = undefined;
  }

  /** An access token, renewed when it is about to end. */
  async token(): Promise<string | undefined> {
    if (this.#tokens?.refresh_token && Date.now() >= this.#expires) return this.renew();
    return this.#tokens?.access_token;
  }

  /** Counts the tokens that there have been; two of the same second may be equal as texts. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * A token in the place of the one of generation `spent`. A refresh token works once, so that all who ask at the same time
   * share one renewal, and whoever learns of the end of a token only after it has been replaced gets what replaced it.
   */
  renew(spent = this.#generation): Promise<string | undefined> {
    if (spent !== this.#generation) return Promise.resolve(this.#tokens?.access_token);
    this.#renewal ??= this.#exchange().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Sends a request of ours with a token, and once more with a new one. */
  async authorised(request: (token: string) => Promise<Response>): Promise<Response> {
    const token = await this.token();
    const spent = this.#generation;
    const first = await request(token ?? "");
    if (first.status !== 401) return first;
    const renewed = await this.renew(spent);
    return renewed ? request(renewed) : first;
  }

  async #exchange(): Promise<string | undefined> {
    const refresh_token = this.#tokens?.refresh_token;
    if (!refresh_token) return undefined;
    const response = await this.send(`${this.base}/auth/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token }),
    });
    if (response.ok) {
      this.keep((await response.json()) as Tokens);
      return this.#tokens?.access_token;
    }
    // Only a refusal ends the sign-in; a server that is away for a moment does not.
    if (response.status === 401) {
      this.forget();
      this.onSignedOut?.();
    }
    return undefined;
  }
}
