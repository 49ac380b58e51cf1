import type { IncomingMessage } from "node:http";
import type { GraphStore } from "../hub/graphs/graph-store.ts";
import type { HubPorts } from "../hub/ports/hub-ports.ts";
import type { Requester } from "../hub/ports/requester.ts";
import type { Refusal } from "../outcome/refusal.ts";

/** One request, read as far as every route needs it. */
export interface Exchange {
  readonly hub: HubPorts;
  /** The program's version. */
  readonly version: string;
  readonly by: Requester;
  /** The graphs that SPARQL and the Graph Store Protocol work on. */
  readonly graphs: GraphStore;
  readonly method: string;
  /** The path below the base in decoded segments; one empty segment for the base itself. */
  readonly segments: readonly string[];
  /** The values of the route's `{names}`, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The path below the hub's base, each segment percent-encoded as the hub's IRIs are: `alice/posts`. */
  readonly path: string;
  /** The same as the peer wrote it. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** The query as the peer wrote it, without `?`. */
  readonly rawQuery: string;
  /** A request header by its lower-case name; empty when it did not come. */
  readonly header: (name: string) => string;
  readonly request: IncomingMessage;
  /** Aborted when the peer leaves before it has the whole answer. */
  readonly gone: AbortSignal;
  /** Aborted when the hub stops; only for answers that have no end of their own. */
  readonly closing: AbortSignal;
}

/** What a route answers. */
export interface Answer {
  /** 200 without it. */
  readonly status?: number;
  /** The media type with its parameters. */
  readonly type?: string;
  /** Text, or pieces of it as they come; or bytes, which bring an ETag of their own. */
  readonly body?: string | Uint8Array | AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes before the body's hash in the ETag; a text body of a GET has one always, unless `headers` brings another. */
  readonly etagPrefix?: string;
  /** Whether it may go out compressed; not for what must arrive piece by piece. */
  readonly compressible?: boolean;
}

/** Answers one kind of request. */
export type Handler = (exchange: Exchange) => Promise<Answer | Refusal> | Answer | Refusal;

/** A value as JSON. */
export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n`, headers };
}
