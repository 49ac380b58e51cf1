import fc from "fast-check";
import {
  blankNode,
  literal,
  namedNode,
  type Quad,
  type QuadObject,
  type QuadSubject,
  quad,
} from "../../../src/rdf/term.ts";
import { expand } from "./sparql-text.ts";

/** What a store went through, and what of it one requester may see. */
export interface World {
  /** Whether nobody in particular asks, who sees what is public only. */
  readonly anonymous: boolean;
  /** Public triples. */
  readonly open: readonly Quad[];
  /** Triples of the requester's own private graph; some may be public too. */
  readonly own: readonly Quad[];
  /** Triples of another account's private graph: never to be seen. */
  readonly hidden: readonly Quad[];
  /** Triples that were public and were taken back. */
  readonly gone: readonly Quad[];
}

/** A triple as one line that reads like N-Triples. */
export function lineOf({ subject, predicate, object }: Quad): string {
  return [subject, predicate, object]
    .map((term) => {
      if (term.termType === "NamedNode") return `<${term.value}>`;
      if (term.termType !== "Literal") return `_:${term.value}`;
      if (term.language !== "") return `${JSON.stringify(term.value)}@${term.language}`;
      return `${JSON.stringify(term.value)}^^<${term.datatype.value}>`;
    })
    .join(" ");
}

/**
 * Literals as lexical form and datatype or language tag. Those of `CANONICAL` come back from Oxigraph as they are; the
 * others do not, since it keeps values.
 */
const CANONICAL = [
  "1 xsd:integer",
  "2 xsd:integer",
  "a xsd:string",
  "b xsd:string",
  "ab xsd:string",
  " xsd:string",
  "0 xsd:integer",
  "-1 xsd:integer",
  "10 xsd:integer",
  "9007199254740993 xsd:integer",
  "1.5 xsd:decimal",
  "0.5 xsd:decimal",
  "1.5E0 xsd:double",
  "2.0E0 xsd:double",
  "NaN xsd:double",
  "INF xsd:double",
  "1.5 xsd:float",
  "true xsd:boolean",
  "false xsd:boolean",
  "a @en",
  "a @EN",
  "b @de",
  "a @en-GB",
  "É xsd:string",
  "😀b xsd:string",
  "～ xsd:string",
  "2024-01-01T00:00:00Z xsd:dateTime",
  "2024-01-01T02:00:00+02:00 xsd:dateTime",
  "2024-01-01T00:00:00.5Z xsd:dateTime",
  "2023-12-31T23:00:00-05:00 xsd:dateTime",
  "2024-01-01T00:00:00 xsd:dateTime",
  "2024-01-01 xsd:date",
  "2024-01-02 xsd:date",
  "a :datatype",
  "b :datatype",
] as const;
/** Not in canonical form, or in none that the datatype has. */
const OTHER_FORMS = [
  "abc xsd:integer",
  "2024-13-01T00:00:00Z xsd:dateTime",
  "01 xsd:integer",
  "+1 xsd:integer",
  "1.0 xsd:decimal",
  "1.50 xsd:decimal",
  "1e0 xsd:double",
  "1 xsd:boolean",
  "1 xsd:long",
  "2 xsd:nonNegativeInteger",
  "2024-01-01T00:00:00.000Z xsd:dateTime",
  "2024-01-01T00:00:00-00:00 xsd:dateTime",
] as const;

type Form = `${string} ${string}`;

function literalOf(form: Form): QuadObject {
  const space = form.lastIndexOf(" ");
  const [value, kind] = [form.slice(0, space), form.slice(space + 1)];
  return kind.startsWith("@") ? literal(value, kind.slice(1)) : literal(value, namedNode(expand(kind)));
}

/** A literal as SPARQL text. */
function literalText(form: Form): string {
  const space = form.lastIndexOf(" ");
  const [value, kind] = [form.slice(0, space), form.slice(space + 1)];
  if (kind.startsWith("@")) return `"${value}"${kind}`;
  if (kind === "xsd:string") return `"${value}"`;
  if (kind === "xsd:integer" && /^\d+$/.test(value)) return value;
  if (kind === "xsd:decimal" && /^\d+\.\d+$/.test(value)) return value;
  return `"${value}"^^${kind}`;
}

/** Literals of the data as query text, so that constants hit. */
export const LITERAL_TEXTS: readonly string[] = CANONICAL.map(literalText);
const textsOf = (kind: RegExp): readonly string[] => CANONICAL.filter((form) => kind.test(form)).map(literalText);
export const NUMBER_TEXTS = textsOf(/^[-\d.E]+ xsd:(integer|decimal|double|float)$/);
export const STRING_TEXTS = textsOf(/ (xsd:string|@)/);
export const TIME_TEXTS = textsOf(/ xsd:dateTime$/);
/** IRIs of the data as query text. The last is in no data. */
export const NODES = [":a", ":b", ":c", ":d"] as const;
export const NODE_TEXTS: readonly string[] = [...NODES, ":absent"];
export const LINKS = [":p", ":q"] as const;
export const VALUES = [":n", ":t", ":w", ":any"] as const;

const nodes = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NODES).map((name) => namedNode(expand(name))) },
  { weight: 1, arbitrary: fc.constantFrom("bn1", "bn2").map((label) => blankNode(label)) },
);
const anyLiteral = fc.constantFrom(...CANONICAL).map(literalOf);
const kindOf = (kind: RegExp): fc.Arbitrary<QuadObject> =>
  fc.constantFrom(...CANONICAL.filter((form) => kind.test(form))).map(literalOf);
const triple = (subject: fc.Arbitrary<QuadSubject>, predicate: string, object: fc.Arbitrary<QuadObject>) =>
  fc.tuple(subject, fc.constant(namedNode(expand(predicate))), object).map(([s, p, o]) => quad(s, p, o));

const generalTriple = (literals: fc.Arbitrary<QuadObject>): fc.Arbitrary<Quad> =>
  fc.oneof(
    { weight: 4, arbitrary: triple(nodes, ":p", nodes) },
    { weight: 3, arbitrary: triple(nodes, ":q", nodes) },
    { weight: 2, arbitrary: triple(nodes, ":n", kindOf(/^[-\d.E]+ xsd:(integer|decimal|double|float)$/)) },
    { weight: 2, arbitrary: triple(nodes, ":t", kindOf(/ (xsd:string|@)/)) },
    { weight: 1, arbitrary: triple(nodes, ":w", kindOf(/ xsd:dateTime$/)) },
    { weight: 2, arbitrary: triple(nodes, ":any", literals) },
  );

/** Where a triple stands; one that is there `again` was taken back by one document and is still in another. */
export type Place = "open" | "own" | "both" | "hidden" | "gone" | "again";

/** Most are public. */
export const places: fc.Arbitrary<Place> = fc.constantFrom(
  ...(["open", "open", "open", "open", "own", "own", "both", "hidden", "gone", "again"] as const),
);

/** A world of triples, each with where it stands. */
export function worldOf(placed: readonly (readonly [Quad, Place])[], anonymous: boolean): World {
  const of = (...wanted: readonly Place[]): Quad[] => {
    const quads = placed.filter(([, place]) => wanted.includes(place)).map(([each]) => each);
    return [...new Map(quads.map((each) => [lineOf(each), each])).values()];
  };
  return {
    anonymous,
    open: of("open", "both", "again"),
    own: of("own", "both"),
    hidden: of("hidden"),
    gone: of("gone", "again"),
  };
}

const generalWorld = (triples: fc.Arbitrary<Quad>): fc.Arbitrary<World> =>
  fc
    .tuple(
      fc.uniqueArray(fc.tuple(triples, places), {
        minLength: 1,
        maxLength: 50,
        size: "max",
        selector: ([each]) => lineOf(each),
      }),
      fc.boolean(),
    )
    .map(([placed, anonymous]) => worldOf(placed, anonymous));

/** Up to fifty triples over a handful of nodes and predicates, with literals that are what their datatypes say. */
export const worlds: fc.Arbitrary<World> = generalWorld(generalTriple(anyLiteral));

/** The same with literals in forms that are not canonical, or ill-typed. */
export const worldsOfOtherForms: fc.Arbitrary<World> = generalWorld(
  generalTriple(fc.constantFrom(...CANONICAL, ...OTHER_FORMS, ...OTHER_FORMS).map(literalOf)),
);
