/**
 * The client of the AcuRate API: every operation typed from the OpenAPI document, with sign-in, token renewal, errors and
 * the progress of jobs. Keeps tokens in memory only; where else they may live is the application's decision.
 */
import createFetchClient, { type Client, type Middleware } from "openapi-fetch";
import { followEvents } from "./events.js";
import type { paths, components } from "./schema.js";
import { Session, type Tokens } from "./session.js";

export type { paths, components, operations } from "./schema.js";
export type { Tokens } from "./session.js";

/** A schema of the API by its name, e.g. `Schema<"Course">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** An error document of the API (RFC 9457). */
export type Problem = Schema<"Problem">;

/** A background job. */
export type Job = Schema<"Job">;

/** Thrown by {@link unwrap}: the API said no, and `problem` says why. */
export class AcuRateError extends Error {
  constructor(
    readonly problem: Problem,
    readonly response: Response,
  ) {
    super(problem.detail);
    this.name = "AcuRateError";
  }
}

/** How to reach the API. */
export interface Options {
  /** Where the server is, without `/api`: `https://acurate.example.edu`. */
  baseUrl: string;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
  /** Called when the sign-in has ended and cannot be renewed. */
  onSignedOut?: () => void;
}

/** The API, for one user. */
export class AcuRate {
  /** Every operation by path and method: `await acurate.api.GET("/courses/{id}", { params: { path: { id } } })`. */
  readonly api: Client<paths>;
  readonly #session: Session;
  readonly #fetch: typeof fetch;
  readonly #base: string;

  constructor(options: Options) {
    this.#base = `${options.baseUrl.replace(/\/+$/, "")}/api`;
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
    this.#session = new Session(this.#base, this.#fetch, options.onSignedOut);
    this.api = createFetchClient<paths>({ baseUrl: this.#base, fetch: (request: Request) => this.#fetch(request) });
    this.api.use(this.#signedIn());
  }

  /** Signs in. With a temporary password `must_change_password` is set, and nothing but {@link changePassword} will work. */
  async signIn(email: string, password: string): Promise<Tokens> {
    const tokens = await unwrap(this.api.POST("/auth/sign-in", { body: { email, password } }));
    this.#session.keep(tokens);
    return tokens;
  }

  /** Chooses a password; all other sign-ins of the user end. */
  async changePassword(newPassword: string, currentPassword?: string): Promise<Tokens> {
    const body = { new_password: newPassword, current_password: currentPassword ?? null };
    const tokens = await unwrap(this.api.POST("/auth/change-password", { body }));
    this.#session.keep(tokens);
    return tokens;
  }

  /** Ends this sign-in, on the server too. */
  async signOut(): Promise<void> {
    await this.api.POST("/auth/sign-out");
    this.#session.forget();
  }

  /** Follows a job to its end: one value a change, the last one final. Goes on after a broken connection. */
  followJob(id: number, signal?: AbortSignal): AsyncGenerator<Job, void, void> {
    const open = (lost: AbortSignal | undefined) =>
      this.#session.authorised((token) =>
        this.#fetch(`${this.#base}/jobs/${id}/events`, {
          headers: { accept: "text/event-stream", authorization: `Bearer ${token}` },
          signal: lost ?? null,
        }),
      );
    return followEvents<Job>(open, (job) => !["queued", "running"].includes(job.state), signal);
  }

  /** Waits for a job's end. */
  async finished(id: number, signal?: AbortSignal): Promise<Job> {
    let last: Job | undefined;
    for await (const job of this.followJob(id, signal)) last = job;
    if (!last) throw new Error(`job ${id} told nothing`);
    return last;
  }

  #signedIn(): Middleware {
    const copies = new Map<string, { request: Request; generation: number }>();
    return {
      onRequest: async ({ request, id, schemaPath }) => {
        if (schemaPath === "/auth/sign-in" || schemaPath === "/auth/refresh") return undefined;
        const token = await this.#session.token();
        if (token) request.headers.set("authorization", `Bearer ${token}`);
        // A body can be read once; the copy is for the second try.
        copies.set(id, { request: request.clone(), generation: this.#session.generation });
        return request;
      },
      onResponse: async ({ response, id }) => {
        const copy = copies.get(id);
        copies.delete(id);
        if (!copy || response.status !== 401) return undefined;
        const token = await this.#session.renew(copy.generation);
        if (!token) return undefined;
        copy.request.headers.set("authorization", `Bearer ${token}`);
        return this.#fetch(copy.request);
      },
      onError: ({ id }) => {
        copies.delete(id);
      },
    };
  }
}

/** The data of an answer, or an {@link AcuRateError}. */
export async function unwrap<Data>(answer: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Data;
  throw new AcuRateError(isProblem(error) ? error : unknownProblem(response), response);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

/** What a proxy in between has answered is no document of ours. */
function unknownProblem(response: Response): Problem {
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: "unknown",
    detail: `The server answered ${response.status} without saying why.`,
    errors: [],
    request_id: response.headers.get("x-request-id"),
  };
}

/** The fields of a form, where a file is a `Blob`: the document calls its bytes a string. */
export type FormFields<Body> = { [Name in keyof Body]: string extends Body[Name] ? Body[Name] | Blob : Body[Name] };

/** The body of a multipart operation. What is undefined is left out; `fileName` is what a `Blob` without a name is called. */
export function form<Body extends object>(fields: FormFields<Body>, fileName = "upload"): Body {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    if (value instanceof Blob) data.append(name, value, "name" in value ? String(value.name) : fileName);
    else data.append(name, String(value));
  }
  return data as Body;
}
