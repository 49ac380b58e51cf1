import * as oxigraph from "oxigraph";
import type { Quad, Term } from "../../../src/rdf/term.ts";
import { type Answer, receiveQuad, receiveTerm, type SentTerm } from "./answer.ts";
import { BASE } from "./bounds.ts";

/** Oxigraph over some triples. */
export function askOxigraph(data: readonly Quad[], text: string): Answer {
  const store = new oxigraph.Store();
  try {
    for (const each of data) store.add(toOxigraph(each));
    const result = store.query(text, { base_iri: BASE });
    if (typeof result === "boolean") return { kind: "boolean", value: result };
    if (typeof result === "string") return { kind: "error", message: "a text" };
    if (result.some((each) => !(each instanceof Map))) {
      const quads = (result as oxigraph.Quad[]).map(({ subject, predicate, object }) =>
        receiveQuad([sent(subject), sent(predicate), sent(object)]),
      );
      return { kind: "quads", quads };
    }
    const rows = (result as Map<string, oxigraph.Term>[]).map(
      (row) => new Map([...row].map(([name, term]) => [name, receiveTerm(sent(term))])),
    );
    return { kind: "rows", rows };
  } catch (error) {
    return { kind: "error", message: error instanceof Error ? error.message : String(error) };
  }
}

function sent(term: oxigraph.Term): SentTerm {
  if (term.termType === "Literal") return [term.termType, term.value, term.language, term.datatype.value];
  return [term.termType, term.value];
}

function toOxigraph({ subject, predicate, object }: Quad): oxigraph.Quad {
  return oxigraph.quad(
    node(subject),
    oxigraph.namedNode(predicate.value),
    object.termType === "Literal" ? literalOf(object) : node(object),
  );
}

const node = (term: Term): oxigraph.NamedNode | oxigraph.BlankNode =>
  term.termType === "BlankNode" ? oxigraph.blankNode(term.value) : oxigraph.namedNode(term.value);

const literalOf = (term: Extract<Term, { readonly termType: "Literal" }>): oxigraph.Literal =>
  term.language !== ""
    ? oxigraph.literal(term.value, term.language)
    : oxigraph.literal(term.value, oxigraph.namedNode(term.datatype.value));
