import { type Refusal, refuse } from "../outcome/refusal.ts";
import type { Iri } from "../rdf/iri.ts";

/** LIMIT: characters of a request's path and query. */
const TARGET_LENGTH_MAX = 16_384;

/** Where a request goes, below the hub's base. */
export interface Target {
  readonly segments: readonly string[];
  /** The segments percent-encoded as in the hub's IRIs. */
  readonly path: string;
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly rawQuery: string;
}

/**
 * Reads a request target (RFC 9112 §3.2). A path outside the base's own is refused with `not-found`, except
 * `/.well-known/…`, which peers look for at the root whatever the base is (RFC 8615). Refuses with `malformed` what is
 * not UTF-8 behind its percent signs, in path or query.
 */
export function readTarget(url: string, base: Iri): Target | Refusal {
  if (url.length > TARGET_LENGTH_MAX) {
    return refuse(
      "too-large",
      `Expected a path and query of at most ${TARGET_LENGTH_MAX} characters; send long queries by POST.`,
    );
  }
  const relative = url.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = relative.indexOf("?");
  const whole = (mark < 0 ? relative : relative.slice(0, mark)) || "/";
  const rawQuery = mark < 0 ? "" : relative.slice(mark + 1);
  const basePath = new URL(base).pathname;
  const below = whole.startsWith(basePath) ? whole.slice(basePath.length) : `${whole}/` === basePath ? "" : undefined;
  const rawPath = below ?? (whole.startsWith("/.well-known/") ? whole.slice(1) : undefined);
  if (rawPath === undefined) {
    return refuse("not-found", `Expected a path below ${basePath}, but got "${whole.slice(0, 200)}".`);
  }
  const segments = decodeAll(rawPath.split("/"));
  const query = readQuery(rawQuery);
  if (segments === undefined || query === undefined) {
    return refuse("malformed", "Expected UTF-8 with percent signs only before two hexadecimal digits in the address.");
  }
  return { segments, path: segments.map(encodeURIComponent).join("/"), rawPath, query, rawQuery };
}

/** The parameters of a query or form; undefined when they are not percent-encoded UTF-8. */
export function readQuery(text: string): URLSearchParams | undefined {
  return decodeAll([text]) === undefined ? undefined : new URLSearchParams(text);
}

function decodeAll(texts: readonly string[]): readonly string[] | undefined {
  try {
    return texts.map((text) => decodeURIComponent(text));
  } catch {
    return undefined;
  }
}
