/**
 * The closed list of reasons for an expected "no". Each adapter maps it once: `http/problem.ts` to
 * RFC 9457 problems, `xmpp/encode/stanza-error.ts` to RFC 6120 §8.3 conditions, `cli/exit-code.ts` to exit codes.
 */
export const REFUSAL_CODES = [
  /** The input could not be read at all: syntax of SPARQL, RDF, XML, JSON, UTF-8. */
  "malformed",
  /** It could be read, but a value in it is not what is allowed. */
  "invalid",
  /** It contradicts a SHACL shape. */
  "shape-violated",
  /** It is over a bound (bytes, characters, rows). */
  "too-large",
  /** No or an unknown token. */
  "unauthenticated",
  /** Known, but not allowed. */
  "forbidden",
  /** The document claims to be by, or about, somebody its sender may not speak for. */
  "not-the-author",
  "not-found",
  /** It was here and was deleted. */
  "gone",
  "method-not-allowed",
  "not-acceptable",
  "unsupported-media-type",
  /** It contradicts what is already there. */
  "conflict",
  "precondition-failed",
  "not-implemented",
  /** The remote side said no, or something that is not understood. */
  "remote-refused",
  /** The remote side could not be reached. */
  "remote-unreachable",
  /** It took longer than its bound. */
  "timed-out",
  /** Too many at once; try later. */
  "too-many",
  /** This part is switched off or not up yet; try later. */
  "unavailable",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** An expected "no", returned as a value. */
export interface Refusal {
  readonly kind: "refusal";
  readonly code: RefusalCode;
  /** One sentence for the peer: what was expected, what came, what to do. */
  readonly message: string;
  /** Machine-readable particulars that may be shown to the peer, such as `line`, `column`, `accepted`. */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Makes a {@link Refusal}. `message` says what was expected, what came and what to do. */
export function refuse(code: RefusalCode, message: string, detail?: Refusal["detail"]): Refusal {
  return detail === undefined ? { kind: "refusal", code, message } : { kind: "refusal", code, message, detail };
}

/** Tells a {@link Refusal} from any other value. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "refusal";
}
