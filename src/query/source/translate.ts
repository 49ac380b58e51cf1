import type { Term } from "../../rdf/term.ts";
import { Declined, type Raw } from "./declined.ts";
import type { Node, Place } from "./node.ts";
import { type OpenPlaces, OperationReader, sliced, type TemplateTriple } from "./read-operation.ts";

/** What the source answers with a query's solutions. */
export type Form =
  | { readonly type: "select"; readonly variables: readonly string[] }
  | { readonly type: "ask" }
  | { readonly type: "construct"; readonly template: readonly TemplateTriple[] }
  | { readonly type: "describe"; readonly terms: readonly Place[] };

export interface Translated {
  readonly form: Form;
  readonly node: Node;
}

const NOTHING_OPEN: OpenPlaces = { variables: {}, iris: new Map() };

/**
 * Reads an algebra operation, with terms put where places were left open.
 * @throws Declined for what the source does not do: SERVICE, FROM, functions it does not know, quoted triples
 * @throws Refused `malformed` for a variable that gets a value twice
 */
export function translate(operation: unknown, open: OpenPlaces = NOTHING_OPEN): Translated {
  const raw = operation as Raw;
  // LIMIT counts solutions, whatever is made of them.
  if (raw.type === "slice" && FORMS.has((raw["input"] as Raw).type)) {
    const { form, node } = translate(raw["input"], open);
    return { form, node: sliced(node, raw) };
  }
  const reader = new OperationReader(FORMS.has(raw.type), open, variablesOf(raw));
  const form = formOf(raw, reader);
  return { form, node: reader.node(form.type === "select" ? raw : raw["input"]) };
}

/** The variables of the text, which reading it says where they matter. */
function variablesOf(raw: Raw): ReadonlySet<string> {
  const metadata = raw["metadata"] as { readonly variables?: ReadonlySet<string> } | undefined;
  return metadata?.variables ?? new Set();
}

function formOf(raw: Raw, reader: OperationReader): Form {
  switch (raw.type) {
    case "ask":
      return { type: "ask" };
    case "construct":
      return { type: "construct", template: (raw["template"] as readonly Raw[]).map((each) => reader.template(each)) };
    case "describe":
      return { type: "describe", terms: (raw["terms"] as readonly Term[]).map((term) => reader.place(term)) };
    default:
      return { type: "select", variables: projectionOf(raw) };
  }
}

/** Reads a part of a query whose solutions are asked for. */
export function translatePart(operation: unknown): Node {
  return new OperationReader(true, NOTHING_OPEN, new Set()).node(operation);
}

function projectionOf(raw: Raw): readonly string[] {
  if (raw.type === "project") return (raw["variables"] as readonly Term[]).map(({ value }) => value);
  if (["slice", "distinct", "reduced"].includes(raw.type)) return projectionOf(raw["input"] as Raw);
  throw new Declined(`a ${raw.type} at the top`);
}

/** Forms whose subqueries are all inner ones. */
const FORMS: ReadonlySet<string> = new Set(["ask", "construct", "describe"]);
