import { blankNode, literal, namedNode, type Quad, quad, type Term } from "../../../src/rdf/term.ts";

/** What somebody answered, read whole. */
export type Answer =
  | { readonly kind: "rows"; readonly rows: readonly Row[]; readonly variables?: readonly string[] }
  | { readonly kind: "quads"; readonly quads: readonly Quad[] }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** It refused or failed; `broken` when it would have ended its process. */
  | { readonly kind: "error"; readonly message: string; readonly broken?: boolean }
  /** More rows or time than a random query is worth. */
  | { readonly kind: "too much"; readonly message: string };

export type Row = ReadonlyMap<string, Term>;

/** A term between threads: its kind, value, language tag and datatype. */
export type SentTerm = readonly [kind: string, value: string, language?: string, datatype?: string];
export type SentQuad = readonly [SentTerm, SentTerm, SentTerm];

/** An answer between threads. */
export type SentAnswer =
  | {
      readonly kind: "rows";
      readonly rows: readonly (readonly (readonly [string, SentTerm])[])[];
      readonly variables?: readonly string[];
    }
  | { readonly kind: "quads"; readonly quads: readonly SentQuad[] }
  | Exclude<Answer, { readonly kind: "rows" | "quads" }>;

export function sendTerm(term: Term): SentTerm {
  return term.termType === "Literal"
    ? [term.termType, term.value, term.language, term.datatype.value]
    : [term.termType, term.value];
}

export function receiveTerm([kind, value, language = "", datatype = ""]: SentTerm): Term {
  if (kind === "NamedNode") return namedNode(value);
  if (kind === "BlankNode") return blankNode(value);
  if (kind !== "Literal") throw new Error(`Expected a plain term, but got ${kind}.`);
  return language !== "" ? literal(value, language) : literal(value, namedNode(datatype));
}

export function sendQuad({ subject, predicate, object }: Quad): SentQuad {
  return [sendTerm(subject), sendTerm(predicate), sendTerm(object)];
}

export function receiveQuad([subject, predicate, object]: SentQuad): Quad {
  return quad(
    receiveTerm(subject) as Quad["subject"],
    receiveTerm(predicate) as Quad["predicate"],
    receiveTerm(object) as Quad["object"],
  );
}

export function sendAnswer(answer: Answer): SentAnswer {
  if (answer.kind === "quads") return { kind: "quads", quads: answer.quads.map(sendQuad) };
  if (answer.kind !== "rows") return answer;
  return { ...answer, rows: answer.rows.map((row) => [...row].map(([name, term]) => [name, sendTerm(term)] as const)) };
}

export function receiveAnswer(sent: SentAnswer): Answer {
  if (sent.kind === "quads") return { kind: "quads", quads: sent.quads.map(receiveQuad) };
  if (sent.kind !== "rows") return sent;
  return {
    ...sent,
    rows: sent.rows.map((row) => new Map(row.map(([name, term]) => [name, receiveTerm(term)] as const))),
  };
}
