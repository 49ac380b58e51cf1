import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { Answer, Exchange } from "./exchange.ts";

/** How often an event stream without events says that it is still there, so that nothing between cuts it. */
const HEARTBEAT_MS = 15_000;
/** How soon a browser comes back when a stream was cut. */
const RETRY_MS = 3_000;
/** LIMIT: events that wait for one slow reader; with more its stream ends, and it reads the page again. */
const WAITING_MAX = 1_000;
/** LIMIT: event streams at the same time. */
const STREAMS_MAX = 1_000;

let streams = 0;

/**
 * Answers with server-sent events (WHATWG HTML §9.2) until the peer or the hub goes. `subscribe` is handed what sends an
 * event's text and gives the way to stop. Refuses as it does, and with `too-many`.
 */
export function eventStream(
  exchange: Exchange,
  subscribe: (send: (event: string) => void) => (() => void) | Refusal,
): Answer | Refusal {
  if (streams >= STREAMS_MAX)
    return refuse("too-many", `Expected at most ${STREAMS_MAX} event streams; try again later.`);
  const waiting = new Waiting();
  const stop = subscribe((event) => waiting.add(event));
  if (isRefusal(stop)) return stop;
  streams++;
  const heartbeat = setInterval(() => waiting.add(": still here\n\n"), HEARTBEAT_MS);
  const signal = AbortSignal.any([exchange.gone, exchange.closing]);
  const end = (): void => {
    if (waiting.ended) return;
    waiting.end();
    clearInterval(heartbeat);
    stop();
    streams--;
  };
  if (signal.aborted || exchange.method === "HEAD") end();
  signal.addEventListener("abort", end, { once: true });
  waiting.onOverflow = end;
  waiting.add(`retry: ${RETRY_MS}\n: watching\n\n`);
  return { type: "text/event-stream", body: waiting, headers: { vary: "Accept", "cache-control": "no-store" } };
}

/** Text that waits to be read, in order, until its end. */
class Waiting implements AsyncIterable<string> {
  onOverflow: () => void = () => undefined;
  readonly #texts: string[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  add(text: string): void {
    if (this.#ended) return;
    this.#texts.push(text);
    if (this.#texts.length > WAITING_MAX) this.onOverflow();
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      yield* this.#texts.splice(0);
      if (this.#ended) return;
      if (this.#texts.length > 0) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
