import jsonld, { type RemoteDocument } from "jsonld";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { xsd } from "../vocab/xsd.ts";
import type { Iri } from "./iri.ts";
import { jsonErrorOffset } from "./json-place.ts";
import { JSONLD_CONTEXT } from "./jsonld-context.ts";
import { freshScope, ParseStopped, strictFactory } from "./strict-factory.ts";
import type { Quad } from "./term.ts";

/** LIMIT: nesting of arrays and objects in JSON-LD; the library works by recursion. */
const DEPTH_MAX = 200;

/**
 * A document loader that knows our own context and refuses all others: what a text means must not hang on, or be told
 * to, another server.
 */
export function contextLoader(contextIri: Iri | undefined): (url: string) => Promise<RemoteDocument> {
  return (url) => {
    if (url === contextIri) return Promise.resolve({ documentUrl: url, document: JSONLD_CONTEXT, contextUrl: null });
    const known = contextIri === undefined ? "" : ` or use ${contextIri}`;
    const message = `Expected JSON-LD with its context inside, but it names <${url.slice(0, 200)}>, which is not fetched; put the context into the document${known}.`;
    return Promise.reject(new ParseStopped(refuse("malformed", message, { context: url })));
  };
}

function parseJson(text: string): { readonly value: unknown } | Refusal {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    const offset = jsonErrorOffset(text);
    const before = text.slice(0, offset);
    const line = before.split("\n").length;
    const column = before.length - before.lastIndexOf("\n");
    const what =
      offset === text.length
        ? "it ends too early"
        : `unexpected ${JSON.stringify([...text.slice(offset, offset + 2)][0])}`;
    return refuse("malformed", `Expected JSON, but line ${line}, column ${column} reads otherwise: ${what}.`, {
      line,
      column,
    });
  }
}

function depthOf(value: unknown): number {
  let level: unknown[] = [value];
  for (let depth = 0; ; depth++) {
    level = level.flatMap((one): unknown[] => (typeof one === "object" && one !== null ? Object.values(one) : []));
    if (level.length === 0 || depth > DEPTH_MAX) return depth;
  }
}

/** What jsonld throws wraps what the loader threw; looks for our own refusal in it. */
function refusalOf(error: unknown): Refusal {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; depth++) {
    if (at instanceof ParseStopped) return at.refusal;
    at = (at as { details?: { cause?: unknown } }).details?.cause ?? at.cause;
  }
  if (!(error instanceof Error)) throw error;
  const { code } = (error as { details?: { code?: unknown } }).details ?? {};
  const what = `${error.message.replace(/\.$/, "")}${typeof code === "string" ? ` (${code})` : ""}`;
  return refuse("malformed", `Expected JSON-LD, but it cannot be read: ${what}.`);
}

/**
 * Reads JSON-LD 1.1. No context is ever fetched: only `contextIri` is known by heart. Values without a meaning in RDF
 * (keys the context does not have) are left out, as JSON-LD has it. Refuses with `malformed` or `too-large`.
 */
export async function parseJsonLd(
  text: string,
  options: { readonly baseIri: Iri; readonly contextIri?: Iri | undefined; readonly quads_max: number },
): Promise<readonly Quad[] | Refusal> {
  const json = parseJson(text);
  if ("kind" in json) return json;
  if (depthOf(json.value) > DEPTH_MAX) {
    return refuse("malformed", `Expected JSON-LD nested at most ${DEPTH_MAX} deep, but it goes deeper.`);
  }
  if (typeof json.value !== "object" || json.value === null) {
    return refuse(
      "malformed",
      "Expected a JSON object or array, but got a single value; see https://www.w3.org/TR/json-ld11/.",
    );
  }
  try {
    const documentLoader = contextLoader(options.contextIri);
    const expanded = await jsonld.expand(json.value, { base: options.baseIri, documentLoader });
    hideDoubles(expanded);
    const loaded = await jsonld.toRDF(expanded, { documentLoader, skipExpansion: true });
    return rebuild(loaded, options.quads_max);
  } catch (error) {
    return refusalOf(error);
  }
}

const DOUBLE = xsd.double.value;
const HIDDEN_DOUBLE = "urn:x-sterna:double";

/**
 * COMPAT: jsonld 9 rewrites the text of every `xsd:double` ("1.50" becomes "1.5E0", "" becomes "NaN"), though only
 * native JSON numbers need that. So those given as text go by another datatype past it.
 */
function hideDoubles(expanded: unknown): void {
  if (typeof expanded !== "object" || expanded === null) return;
  const value = expanded as Record<string, unknown>;
  if (value["@type"] === DOUBLE && typeof value["@value"] === "string") value["@type"] = HIDDEN_DOUBLE;
  for (const inner of Object.values(value)) hideDoubles(inner);
}

/** The library's plain objects as terms of ours, checked. */
function rebuild(loaded: readonly Quad[], quads_max: number): readonly Quad[] {
  const factory = strictFactory(quads_max, freshScope());
  const term = (plain: Quad["object"] | Quad["graph"]): Quad["object"] | Quad["graph"] => {
    if (plain.termType === "NamedNode") return factory.namedNode(plain.value);
    if (plain.termType === "BlankNode") return factory.blankNode(plain.value.replace(/^_:/, ""));
    if (plain.termType !== "Literal") return factory.defaultGraph();
    if (plain.language) return factory.literal(plain.value, plain.language);
    const datatype = plain.datatype.value;
    return factory.literal(plain.value, factory.namedNode(datatype === HIDDEN_DOUBLE ? DOUBLE : datatype));
  };
  return loaded.map((plain) =>
    factory.quad(
      term(plain.subject) as Quad["subject"],
      term(plain.predicate) as Quad["predicate"],
      term(plain.object) as Quad["object"],
      term(plain.graph) as Quad["graph"],
    ),
  );
}
