import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import type { QueryAnswer } from "./queries.ts";

/** The header that marks a question between hubs, with the base of the hub that asks: it is answered from own data. */
export const ASKED_BY_HEADER = "sterna-asked-by";

/** One question to one hub. */
export interface RemoteQuestion {
  /** The asked hub's base, or for SERVICE the address of any SPARQL endpoint. */
  readonly to: { readonly hub: Iri } | { readonly endpoint: Iri };
  /** A CONSTRUCT or DESCRIBE where `kind` is `quads`, a SELECT where it is `bindings`, an ASK where it is `boolean`. */
  readonly query: string;
  readonly kind: QueryAnswer["kind"];
  /** Ends the question, with a Refusal `timed-out` or nobody to hear it. */
  readonly signal: AbortSignal;
  /** LIMIT: bytes of the answer as it is read, after decompression. */
  readonly bytes_max: number;
  /** LIMIT: triples or rows of the answer. */
  readonly rows_max: number;
}

/** What a hub answered, read whole. Blank nodes are those of this one answer. Nothing in it is believed yet. */
export type RemoteAnswer =
  | { readonly kind: "quads"; readonly quads: readonly Quad[] }
  | {
      readonly kind: "bindings";
      readonly variables: readonly string[];
      readonly rows: readonly ReadonlyMap<string, Term>[];
    }
  | { readonly kind: "boolean"; readonly value: boolean };

/** A hub's Service Description and VoID, and for how long it may be kept. */
export interface RemoteDescription {
  readonly quads: readonly Quad[];
  readonly fresh_ms: number;
  /** What to send to hear only whether it changed. */
  readonly etag?: string;
}

/**
 * Asks other hubs, each as a stranger would and marked as a question between hubs, which the asked hub answers from its
 * own data only. One way to ask is a transport: over HTTP (`feeds/remote-queries`), over XMPP (SPARQL in an IQ).
 */
export interface RemoteQueries {
  /**
   * Asks once: no retry, so that whoever asks knows how many requests a hub got. Refuses with `remote-unreachable`,
   * `remote-refused` (its status, its media type, what it sent), `timed-out`, `too-large`, `forbidden` (a private
   * address) and `unavailable` (the hub asked for a pause, which lasts `detail.retryAfter_s` still); each sentence names
   * the hub and not the question.
   */
  ask(question: RemoteQuestion): Promise<RemoteAnswer | Refusal>;
  /** Reads what a hub says of itself; `unchanged` where it still has this ETag. Refuses as {@link ask}. */
  describe(
    hub: Iri,
    signal: AbortSignal,
    etag?: string,
  ): Promise<RemoteDescription | { readonly unchanged: true; readonly fresh_ms: number } | Refusal>;
  /** Whether this transport can reach a hub at all; undefined is: try. For choosing among transports. */
  reaches?(hub: Iri): boolean;
}
