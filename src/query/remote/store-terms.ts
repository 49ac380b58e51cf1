import { escapeString, writeIri } from "../../rdf/escape.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { blankNode, type Literal, literal, namedNode, type Term } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { xsd } from "../../vocab/xsd.ts";

/** LIMIT: bytes of an IRI. COMPAT: Virtuoso 7.2 cuts what is longer than 1,879 off, without a word. */
const IRI_BYTES_MAX = 1_800;

/** Before the datatype of a literal that the store would not give back as it was: there it is text of a type of ours. */
const KEPT_AS_TEXT = "urn:sterna:as-text:";

/** Lexical forms of XSD datatypes that stores are trusted with. */
const TRUSTED: ReadonlyMap<string, RegExp> = new Map(
  (
    [
      [xsd.boolean, /^(?:true|false|1|0)$/],
      [xsd.integer, /^[+-]?\d{1,18}$/],
      [xsd.decimal, /^[+-]?\d{1,12}(?:\.\d{1,6})?$/],
      // COMPAT: one NaN in Virtuoso's indexes, which it sorts nowhere, and triples beside it are no longer found.
      [xsd.double, /^[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$/],
      [xsd.float, /^[+-]?\d{1,6}(?:\.\d{1,6})?(?:[eE][+-]?\d)?$/],
      [xsd.dateTime, /^[012]\d{3}-[01]\d-[0-3]\dT[012]\d:[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|(?!-00:00)[+-]\d\d:\d\d)?$/],
      [xsd.date, /^[012]\d{3}-[01]\d-[0-3]\d(?:Z|[+-]\d\d:\d\d)?$/],
      [xsd.anyURI, /^/],
    ] as const
  ).map(([type, form]) => [type.value, form]),
);

/**
 * COMPAT: Virtuoso 7.2 refuses xsd:duration, integers beyond 64 bits and lexical forms that do not fit, reads xsd:time
 * only when it is stored, and makes other literals of rdf:XMLLiteral and of geometries.
 */
const MISTRUSTED = [
  xsd.namespace,
  rdf.XMLLiteral.value,
  "http://www.opengis.net/",
  "http://www.openlinksw.com/",
] as const;

const WHOLE_SECOND = /T\d\d:\d\d:\d\dZ$/;

/** Writes terms as a store outside holds them, and reads them back. */
export class StoreTerms {
  /** Before the label of a blank node, which has an IRI there (RDF 1.1 §3.5): so it can be named to be taken out. */
  readonly #genid: string;

  constructor(base: Iri) {
    this.#genid = `${base}.well-known/genid/`;
  }

  /** A term for an update or a query; undefined when the store cannot hold it. */
  write(term: Term): string | undefined {
    switch (term.termType) {
      case "NamedNode":
        return Buffer.byteLength(term.value) > IRI_BYTES_MAX ? undefined : writeIri(term.value);
      case "BlankNode":
        return writeIri(this.#genid + encodeURIComponent(term.value));
      case "Literal":
        return this.#writeLiteral(term);
      default:
        return undefined;
    }
  }

  /** The datatype under which the store holds a literal. */
  datatypeOf(datatype: string, value: string): string {
    if (datatype === xsd.string.value || !MISTRUSTED.some((start) => datatype.startsWith(start))) return datatype;
    return TRUSTED.get(datatype)?.test(value) === true ? datatype : KEPT_AS_TEXT + datatype;
  }

  #writeLiteral({ value, language, datatype }: Literal): string | undefined {
    const text = `"${escapeString(value)}"`;
    if (language !== "") return `${text}@${language}`;
    if (datatype.value === xsd.string.value) return text;
    const type = this.datatypeOf(datatype.value, value);
    return Buffer.byteLength(type) > IRI_BYTES_MAX ? undefined : `${text}^^${writeIri(type)}`;
  }

  /** A term of a SPARQL JSON result; undefined when it is none, or could not be written: a store may compute such. */
  read(json: unknown): Term | undefined {
    if (typeof json !== "object" || json === null) return undefined;
    const { type, value, datatype, "xml:lang": language } = json as Readonly<Record<string, unknown>>;
    if (typeof value !== "string") return undefined;
    switch (type) {
      case "uri":
        return isIri(value) ? this.#readIri(value) : undefined;
      case "bnode":
        // COMPAT: Virtuoso says nodeID://b10001 where a label should stand.
        return blankNode(value.replace(/^nodeID:\/\//, "").replace(/[^A-Za-z0-9_-]/g, "-"));
      // COMPAT: Virtuoso has "typed-literal" from the draft of 2007.
      case "literal":
      case "typed-literal":
        if (typeof language === "string") return literal(value, language);
        if (typeof datatype !== "string") return literal(value);
        return isIri(datatype) ? readTyped(value, datatype, type === "typed-literal") : undefined;
      default:
        return undefined;
    }
  }

  /** Somebody's own IRI may begin as those of blank nodes do. */
  #readIri(iri: Iri): Term {
    const written = iri.startsWith(this.#genid) ? iri.slice(this.#genid.length) : "";
    const label = decoded(written);
    return label !== "" && encodeURIComponent(label) === written ? blankNode(label) : namedNode(iri);
  }
}

/** Percent-encoded text as it was; empty when it is none. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function readTyped(value: string, datatype: string, isVirtuoso: boolean): Literal {
  if (datatype.startsWith(KEPT_AS_TEXT)) return literal(value, namedNode(datatype.slice(KEPT_AS_TEXT.length)));
  // COMPAT: Virtuoso gives booleans as 1 and 0.
  if (datatype === xsd.boolean.value) return literal(value === "1" || value === "true" ? "true" : "false", xsd.boolean);
  // COMPAT: Virtuoso gives a time without its milliseconds when they are 0. All instants that hubs make have them.
  if (isVirtuoso && datatype === xsd.dateTime.value && WHOLE_SECOND.test(value)) {
    return literal(value.replace("Z", ".000Z"), xsd.dateTime);
  }
  return literal(value, namedNode(datatype));
}
