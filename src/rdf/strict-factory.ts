import type * as RDF from "@rdfjs/types";
import { DataFactory } from "n3";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { isIri } from "./iri.ts";

/** Carries a refusal out of a parser that knows only exceptions; caught in the module that started the parser. */
export class ParseStopped extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function stop(code: "malformed" | "invalid" | "too-large", message: string): never {
  throw new ParseStopped(refuse(code, message));
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The refusal of what RDF 1.1 does not have: quoted triples and base directions. */
function stopBeyondRdf11(what: string): never {
  stop("malformed", `Expected RDF 1.1, but got ${what}; send plain triples.`);
}

function checkedNode<T extends string>(iri: T): RDF.NamedNode<T> {
  if (!isIri(iri)) {
    stop(
      "malformed",
      `Expected absolute IRIs of at most 2,048 characters, but got <${shown(iri)}>; check the base IRI.`,
    );
  }
  return DataFactory.namedNode(iri);
}

const LANGUAGE_TAG = /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i;

function checkedLiteral(
  value: string,
  languageOrDatatype?: string | RDF.NamedNode | RDF.DirectionalLanguage,
): RDF.Literal {
  if (!value.isWellFormed()) {
    stop("malformed", `Expected Unicode text, but got half of a surrogate pair in "${shown(value.toWellFormed())}".`);
  }
  if (typeof languageOrDatatype === "object") {
    if ("termType" in languageOrDatatype) return DataFactory.literal(value, languageOrDatatype);
    if (languageOrDatatype.direction) stopBeyondRdf11("a literal with a base direction");
    return checkedLiteral(value, languageOrDatatype.language);
  }
  if (languageOrDatatype !== undefined && !LANGUAGE_TAG.test(languageOrDatatype)) {
    stop("malformed", `Expected a language tag such as en or pt-BR, but got "${shown(languageOrDatatype)}".`);
  }
  return DataFactory.literal(value, languageOrDatatype);
}

/**
 * A data factory for parsers that throws {@link ParseStopped} on what no parser alone keeps out: IRIs that are
 * relative, too long or unsafe to write, half surrogate pairs, malformed language tags, what only RDF 1.2 has, and
 * more quads than `quads_max`.
 * @param scope - when given, goes in front of the labels of blank nodes, so that documents do not share any
 */
export function strictFactory(quads_max: number, scope?: string): RDF.DataFactory {
  let count = 0;
  const factory: Partial<RDF.DataFactory> = {
    namedNode: checkedNode,
    literal: checkedLiteral,
    blankNode: (label?: string) =>
      DataFactory.blankNode(label === undefined || scope === undefined ? label : `${scope}${label}`),
    defaultGraph: () => DataFactory.defaultGraph(),
    quad: (
      subject: RDF.Quad_Subject,
      predicate: RDF.Quad_Predicate,
      object: RDF.Quad_Object,
      graph?: RDF.Quad_Graph,
    ): RDF.Quad => {
      if (object.termType === "Quad" || subject.termType === "Quad") stopBeyondRdf11("a quoted triple");
      if (++count > quads_max) {
        stop("too-large", `Expected at most ${quads_max} triples, but got more; send them in parts.`);
      }
      return DataFactory.quad(subject, predicate, object, graph);
    },
  };
  // `variable`, `fromTerm` and `fromQuad` are optional in practice: no parser of RDF 1.1 calls them.
  return factory as RDF.DataFactory;
}

let scopes = 0;

/** A label prefix that no other parse in this process has. */
export function freshScope(): string {
  return `p${(scopes++).toString(36)}_`;
}
