import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { namedNode, type Term } from "../../rdf/term.ts";
import { type Operation, type ParseOptions, parseQuery } from "./parse-query.ts";

/** LIMIT: queries that are kept, and the longest text of one in characters. */
const QUERIES_MAX = 500;
const LENGTH_MAX = 5_000;

/** What stands in a kept query for an IRI that is another one each time. */
const PLACE = "urn:x-sterna-place:";

/** A query that was read, maybe for another text that differs in some IRIs: `iris` says what is in their places now. */
export interface ParsedQuery {
  readonly operation: Operation;
  readonly iris: ReadonlyMap<string, Term>;
  /** Whether it is the text's own operation as Comunica takes it: no places left open, no GRAPH by itself. */
  readonly isWhole: boolean;
}

/**
 * What is not to be touched (prologue, datatypes, strings, comments), or an absolute IRI. In SPARQL as here, what
 * begins like an IRI and ends like one is one, whatever it is meant to be (SPARQL 1.1 §19.8, note 6 on tokens).
 */
const TOKEN =
  /(?:\bPREFIX\s+[^\s<]*|\bBASE)\s*<[^>]*>|\^\^\s*<[^>]*>|"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|<([A-Za-z][A-Za-z0-9+.-]*:[^<>"{}|^`\\\s]*)>(?!\s*\()|<[^<>"{}|^`\\\s]*>|#[^\n\r]*/gi;

/** Reads queries, but those that programs ask again and again, with other IRIs in them, only once. */
export class ParseCache {
  readonly #kept = new Map<string, Operation>();

  parse(text: string, baseIri: Iri, { dataset = "own" }: ParseOptions): ParsedQuery | Refusal {
    const hasGraph = /\bgraph\b/i.test(text);
    const options: ParseOptions = { dataset, graphs: hasGraph ? "kept" : "placed" };
    const plain = (operation: Operation | Refusal): ParsedQuery | Refusal =>
      isRefusal(operation) ? operation : { operation, iris: NO_IRIS, isWhole: !hasGraph };
    if (text.length > LENGTH_MAX || text.includes(PLACE)) return plain(parseQuery(text, baseIri, options));
    const iris = new Map<string, Term>();
    const shape = text.replace(TOKEN, (token: string, iri: string | undefined) => {
      if (iri === undefined) return token;
      const place = `${PLACE}${iris.size}`;
      iris.set(place, namedNode(iri));
      return `<${place}>`;
    });
    const isWhole = !hasGraph && iris.size === 0;
    const key = `${dataset} ${baseIri} ${shape}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      // The one used last is the last to go.
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return { operation: kept, iris, isWhole };
    }
    const operation = parseQuery(shape, baseIri, options);
    // The places in a Refusal are those of the text as it came.
    if (isRefusal(operation)) return plain(parseQuery(text, baseIri, options));
    this.#kept.set(key, operation);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > QUERIES_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return { operation, iris, isWhole };
  }
}

const NO_IRIS: ReadonlyMap<string, Term> = new Map();
