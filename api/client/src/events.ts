/** Server-sent events over `fetch`, which, unlike `EventSource`, can send a token. */

/** Milliseconds before a broken stream is opened again; doubled with each failure in a row. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * Yields what events carry until one is final. Opens the stream again when it breaks; the server begins with the present
 * state, so that nothing is missed.
 */
export async function* followEvents<Value>(
  open: (signal: AbortSignal | undefined) => Promise<Response>,
  isFinal: (value: Value) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Value, void, void> {
  let wait = FIRST_WAIT;
  for (;;) {
    try {
      const response = await open(signal);
      if (response.status >= 400 && response.status < 500) throw new Refused(response.status);
      if (response.ok && response.body) {
        for await (const text of events(response.body)) {
          const value = JSON.parse(text) as Value;
          wait = FIRST_WAIT;
          yield value;
          if (isFinal(value)) return;
        }
      }
    } catch (error) {
      if (error instanceof Refused || signal?.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

/** The server will say the same next time. */
class Refused extends Error {
  constructor(status: number) {
    super(`the events were refused with status ${status}`);
    this.name = "Refused";
  }
}

/** The `data` of each event of a stream. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = block
          .split(/\r?\n/)
          .filter((line) => line.startsWith("data:"))
          .map((line) => line.slice(5).trimStart());
        if (data.length > 0) yield data.join("\n");
      }
    }
  } finally {
    await reader.cancel();
  }
}
