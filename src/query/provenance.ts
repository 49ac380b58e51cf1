import type { QuadIndex } from "../hub/ports/quad-index.ts";
import type { Dataset, QueryAnswer, QueryOptions } from "../hub/ports/queries.ts";
import { refuse } from "../outcome/refusal.ts";
import { Refused } from "../outcome/refused.ts";
import { literal, type Term } from "../rdf/term.ts";
import { type AnswerBound, SourceAnswer } from "./source/answer.ts";
import type { Aggregate, Expression, Node } from "./source/node.ts";
import type { Translated } from "./source/translate.ts";

type Row = ReadonlyMap<string, Term>;
type Wish = Exclude<QueryOptions["provenance"], undefined>;

/**
 * Answers a SELECT so that each row tells whose triples it was made of: the origin of each pattern's triple goes
 * through the joins as one more variable; a group is of the origins of all its members, what a repeated path reaches of
 * those of one way there. What must not be there for a row (MINUS, FILTER NOT EXISTS) and what need only be there
 * (FILTER EXISTS) is not told.
 * @throws Refused `not-implemented` where a row has no triples of its own: DISTINCT or LIMIT in a subquery, GRAPH, and
 * what is no SELECT
 */
export async function answerWithOrigins(
  { form, node }: Translated,
  wish: Wish,
  { index, dataset, bound }: { readonly index: QuadIndex; readonly dataset: Dataset; readonly bound: AnswerBound },
): Promise<QueryAnswer> {
  if (form.type !== "select") throw notTold(`an answer that is no rows (${form.type.toUpperCase()})`);
  const { variable, here } = wish;
  if (form.variables.includes(variable)) {
    const sentence = `Expected a query without ?${variable} of its own, which tells where rows are from; call it something else.`;
    throw new Refused(refuse("invalid", sentence));
  }
  const top = takeTop(node);
  const marker = new Marker(here);
  const marked = marker.mark(top.node);
  const variables = [...form.variables, ...marker.variables];
  const source = new SourceAnswer({ form: { type: "select", variables }, node: marked }, index, dataset, {
    walks: false,
  });
  const answer = await source.answer(bound);
  if (answer.kind !== "bindings") throw notTold("an answer that is no rows");
  const rows = told(answer.rows, form.variables, marker.variables, variable);
  return {
    kind: "bindings",
    variables: [...form.variables, variable],
    rows: top.isDistinct ? distinct(rows, form.variables, variable, top) : rows,
  };
}

interface Top {
  readonly node: Node;
  readonly isDistinct: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** The query without its outermost DISTINCT, which counts rows that differ in origin alone as one, and what cuts it. */
function takeTop(node: Node): Top {
  const [inner, offset, limit] =
    node.type === "slice" ? [node.input, node.offset, node.limit] : [node, 0, Number.POSITIVE_INFINITY];
  if (inner.type === "distinct") return { node: inner.input, isDistinct: true, offset, limit };
  return { node, isDistinct: false, offset: 0, limit: Number.POSITIVE_INFINITY };
}

/** Gives each pattern whose triples make a row a variable for their origin. */
class Marker {
  /** Those of which the rows of what is marked so far are. */
  readonly variables: string[] = [];
  readonly #here: string;
  #made = 0;

  constructor(here: string) {
    this.#here = here;
  }

  mark(node: Node, isTop = true): Node {
    switch (node.type) {
      case "pattern":
      case "repeat":
        return { ...node, origin: { variable: this.#fresh(), here: this.#here } };
      case "search":
      case "values":
        return node;
      case "join":
      case "union":
        return { ...node, parts: node.parts.map((part) => this.mark(part, false)) };
      case "left":
        return { ...node, left: this.mark(node.left, false), right: this.mark(node.right, false) };
      case "minus":
        return { ...node, left: this.mark(node.left, false) };
      case "extend":
        return { ...node, input: this.mark(node.input, isTop) };
      case "order":
        return { ...node, input: this.mark(node.input, isTop) };
      case "project": {
        const before = this.variables.length;
        const input = this.mark(node.input, isTop);
        return { ...node, input, variables: [...node.variables, ...this.variables.slice(before)] };
      }
      case "slice":
        if (!isTop) throw notTold("a LIMIT in a subquery");
        return { ...node, input: this.mark(node.input, isTop) };
      case "distinct":
        throw notTold("DISTINCT in a subquery");
      case "group":
        return this.#group(node);
      case "graph":
        throw notTold("GRAPH");
    }
  }

  /** A group that gathers the origins of its members, of which each is one more variable. */
  #group(node: Node & { readonly type: "group" }): Node {
    const before = this.variables.length;
    const input = this.mark(node.input, false);
    const gathered = this.variables.splice(before).map((origin): Aggregate => {
      // What is not bound would be an error of the whole.
      const args: readonly Expression[] = [
        { type: "variable", variable: origin },
        { type: "term", term: literal("") },
      ];
      return {
        name: "group_concat",
        distinct: true,
        separator: " ",
        expression: { type: "call", name: "coalesce", args },
        variable: this.#fresh(),
      };
    });
    return { ...node, input, aggregates: [...node.aggregates, ...gathered] };
  }

  #fresh(): string {
    const variable = ` from ${++this.#made}`;
    this.variables.push(variable);
    return variable;
  }
}

function notTold(what: string): Refused {
  const sentence = `Expected a query whose rows are each made of some triples, to tell where they are from, but got ${what}; leave it out, or ask without provenance.`;
  return new Refused(refuse("not-implemented", sentence));
}

async function* told(
  rows: AsyncIterable<Row>,
  shown: readonly string[],
  origins: readonly string[],
  variable: string,
): AsyncGenerator<Row> {
  for await (const row of rows) {
    const given = new Map<string, Term>();
    for (const name of shown) {
      const term = row.get(name);
      if (term !== undefined) given.set(name, term);
    }
    const hubs = new Set(origins.flatMap((name) => row.get(name)?.value.split(" ") ?? []));
    hubs.delete("");
    given.set(variable, literal([...hubs].sort().join(" ")));
    yield given;
  }
}

/** Equal rows as one, whose origins are those of all of them. */
async function* distinct(
  rows: AsyncIterable<Row>,
  shown: readonly string[],
  variable: string,
  { offset, limit }: Top,
): AsyncGenerator<Row> {
  const found = new Map<string, { readonly row: Row; readonly hubs: Set<string> }>();
  for await (const row of rows) {
    const key = JSON.stringify(
      shown.map((name) => {
        const term = row.get(name);
        const tail = term?.termType === "Literal" ? [term.language, term.datatype.value] : [];
        return term === undefined ? null : [term.termType, term.value, ...tail];
      }),
    );
    const hubs = (row.get(variable)?.value ?? "").split(" ").filter((hub) => hub !== "");
    const before = found.get(key);
    if (before === undefined) found.set(key, { row, hubs: new Set(hubs) });
    else for (const hub of hubs) before.hubs.add(hub);
  }
  for (const { row, hubs } of [...found.values()].slice(offset, offset + limit)) {
    yield new Map([...row, [variable, literal([...hubs].sort().join(" "))]]);
  }
}
