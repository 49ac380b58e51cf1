import { refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import { literal, type Term } from "../../rdf/term.ts";
import { sterna } from "../../vocab/sterna.ts";
import { CASTS } from "./casts.ts";
import { Declined, type Raw } from "./declined.ts";
import { FUNCTIONS } from "./functions.ts";
import { conjuncts, joinOf, restrict } from "./join-of.ts";
import {
  type Aggregate,
  type Expression,
  type GraphPlace,
  type Node,
  type Place,
  possible,
  type SortKey,
} from "./node.ts";
import { nodeOfPath, readPath } from "./read-path.ts";

/** One triple of a CONSTRUCT; a blank node is a new one for each solution. */
export type TemplateTriple = Readonly<Record<"subject" | "predicate" | "object", Place>>;

/** What stands in open places of an operation: terms for variables, and for IRIs that keep a place. */
export interface OpenPlaces {
  readonly variables: Readonly<Record<string, Term>>;
  readonly iris: ReadonlyMap<string, Term>;
  /** What IRI() resolves against. */
  readonly base?: string;
}

const AGGREGATES: ReadonlySet<string> = new Set(["count", "sum", "avg", "min", "max", "sample", "group_concat"]);

/** Reads one query; counts the names it makes. */
export class OperationReader {
  /** The first is for the outermost projection, which hides nothing from anybody. */
  #made: number;
  /** What hidden variables of the subquery at hand are called. */
  #names: ReadonlyMap<string, string> | undefined;

  readonly #open: OpenPlaces;
  /** Those of the text, where `COUNT(DISTINCT *)` asks for them. */
  readonly #variables: ReadonlySet<string>;
  /** The graph that patterns are about where they say no other. */
  #place: GraphPlace = "default";

  constructor(isInner: boolean, open: OpenPlaces, variables: ReadonlySet<string>) {
    this.#made = isInner ? 1 : 0;
    this.#open = open;
    this.#variables = variables;
  }

  /** The term that is meant where an operation has this one. */
  #meant(term: Term): Term {
    return this.#open.iris.size === 0 ? term : (this.#open.iris.get(term.value) ?? term);
  }

  node(operation: unknown): Node {
    const raw = operation as Raw;
    switch (raw.type) {
      case "bgp":
        return joinOf((raw["patterns"] as readonly Raw[]).map((each) => this.#pattern(each)));
      case "pattern":
        return this.#pattern(raw);
      case "join":
        return joinOf(this.#inputs(raw));
      case "graph":
        return this.#inGraph(raw);
      case "union":
        return { type: "union", parts: this.#inputs(raw) };
      case "leftjoin": {
        const [left, right] = this.#inputs(raw);
        if (left === undefined || right === undefined) throw new Declined("an OPTIONAL without two sides");
        const condition = raw["expression"] === undefined ? [] : conjuncts(this.expression(raw["expression"]));
        return { type: "left", left, right, condition };
      }
      case "minus": {
        const [left, right] = this.#inputs(raw);
        if (left === undefined || right === undefined) throw new Declined("a MINUS without two sides");
        return { type: "minus", left, right };
      }
      case "filter":
        return restrict(this.node(raw["input"]), conjuncts(this.expression(raw["expression"])));
      case "extend":
        return this.#extend(raw);
      case "values":
        return this.#values(raw);
      case "path":
        return nodeOfPath(
          readPath(raw["predicate"], (term) => this.#meant(term)),
          { subject: this.place(raw["subject"]), object: this.place(raw["object"]), graph: this.#graph(raw["graph"]) },
          () => this.#fresh(),
        );
      case "group":
        return this.#group(raw);
      case "project":
        return this.#project(raw);
      case "distinct":
        return { type: "distinct", input: this.node(raw["input"]) };
      case "reduced":
        return this.node(raw["input"]);
      case "orderby":
        return this.#order(raw);
      case "slice":
        return sliced(this.node(raw["input"]), raw);
      default:
        throw new Declined(`the operation ${raw.type}`);
    }
  }

  #inputs(raw: Raw): readonly Node[] {
    return (raw["input"] as readonly unknown[]).map((each) => this.node(each));
  }

  #name(name: string): string {
    return this.#names?.get(name) ?? name;
  }

  place(term: unknown): Place {
    const { termType, value } = term as Term;
    if (termType === "Variable") {
      const bound = this.#open.variables[value];
      return bound === undefined ? { variable: this.#name(value) } : { term: bound };
    }
    if (termType === "Quad") throw new Declined("a quoted triple", false);
    return { term: this.#meant(term as Term) };
  }

  #graph(term: unknown): GraphPlace {
    return (term as Term).termType === "DefaultGraph" ? this.#place : this.place(term);
  }

  /** GRAPH is said of each pattern in it, and of what they make together. */
  #inGraph(raw: Raw): Node {
    const name = this.place(raw["name"]);
    const outer = this.#place;
    this.#place = name;
    try {
      return { type: "graph", name, input: this.node(raw["input"]) };
    } finally {
      this.#place = outer;
    }
  }

  #pattern(raw: Raw): Node {
    const predicate = this.#meant(raw["predicate"] as Term);
    if (predicate.termType === "NamedNode" && predicate.value === sterna.matches.value) {
      const words = raw["object"] as Term;
      if (words.termType !== "Literal") throw new Declined("a text search whose words are not given");
      return { type: "search", subject: this.place(raw["subject"]), words: words.value };
    }
    const [subject, object] = [this.place(raw["subject"]), this.place(raw["object"])];
    return { type: "pattern", subject, predicate: this.place(predicate), object, graph: this.#graph(raw["graph"]) };
  }

  template(raw: Raw): TemplateTriple {
    const { subject, predicate, object } = raw as unknown as Record<"subject" | "predicate" | "object", unknown>;
    if ((raw["graph"] as Term | undefined)?.termType !== "DefaultGraph") throw new Declined("a graph in a template");
    return { subject: this.place(subject), predicate: this.place(predicate), object: this.place(object) };
  }

  #values(raw: Raw): Node {
    const rows = (raw["bindings"] as readonly Readonly<Record<string, Term>>[]).map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, term]) => {
          if (term.termType === "Quad") throw new Declined("a quoted triple");
          return [this.#name(name.replace(/^\?/, "")), this.#meant(term)];
        }),
      ),
    );
    return {
      type: "values",
      variables: (raw["variables"] as readonly Term[]).map(({ value }) => this.#name(value)),
      rows,
    };
  }

  #extend(raw: Raw): Node {
    const input = this.node(raw["input"]);
    const { value } = raw["variable"] as Term;
    const variable = this.#name(value);
    // SPARQL 1.1 §19.8, note 12.
    if (possible(input).has(variable)) {
      const sentence = `Expected a new variable after AS, but ?${value} is in use before it; choose another name.`;
      throw new Refused(refuse("malformed", sentence));
    }
    return { type: "extend", input, variable, expression: this.expression(raw["expression"]) };
  }

  #group(raw: Raw): Node {
    const input = this.node(raw["input"]);
    // A hidden variable is called by its name and a number.
    const all = [...possible(input)].filter((name) => this.#variables.has(name.replace(/ .*/, "")));
    const aggregates = (raw["aggregates"] as readonly Raw[]).map((each): Aggregate => {
      const inner = each["expression"] as Raw;
      const name = each["aggregator"] as string;
      if (!AGGREGATES.has(name)) throw new Declined(`the aggregate ${name}`);
      const isWildcard = inner["subType"] === "wildcard";
      return {
        name: name as Aggregate["name"],
        distinct: each["distinct"] === true,
        separator: (each["separator"] as string | undefined) ?? " ",
        variable: this.#name((each["variable"] as Term).value),
        ...(isWildcard ? { all } : { expression: this.expression(inner) }),
      };
    });
    const keys = (raw["variables"] as readonly Term[]).map(({ value }) => this.#name(value));
    return { type: "group", input, keys, aggregates };
  }

  /** Variables that a subquery does not give out are other variables than those of the same name outside. */
  #project(raw: Raw): Node {
    const shown = (raw["variables"] as readonly Term[]).map(({ value }) => value);
    const outer = this.#names;
    const variables = shown.map((name) => this.#name(name));
    const names = new Map(shown.map((name, index) => [name, variables[index] ?? name]));
    const id = ++this.#made;
    this.#names = new Hiding(names, (name) => (id === 1 ? name : `${name} ${id}`));
    try {
      return { type: "project", input: this.node(raw["input"]), variables };
    } finally {
      this.#names = outer;
    }
  }

  #order(raw: Raw): Node {
    const keys = (raw["expressions"] as readonly Raw[]).map((each): SortKey => {
      const isCall = each["subType"] === "operator" && ["desc", "asc"].includes(each["operator"] as string);
      const [inner] = isCall ? (each["args"] as readonly unknown[]) : [each];
      return { expression: this.expression(inner), descending: isCall && each["operator"] === "desc" };
    });
    return { type: "order", input: this.node(raw["input"]), keys };
  }

  expression(operation: unknown): Expression {
    const raw = operation as Raw;
    switch (raw["subType"]) {
      case "term": {
        const term = raw["term"] as Term;
        if (term.termType === "Variable") {
          const bound = this.#open.variables[term.value];
          return bound === undefined
            ? { type: "variable", variable: this.#name(term.value) }
            : { type: "term", term: bound };
        }
        if (term.termType === "Quad") throw new Declined("a quoted triple");
        return { type: "term", term: this.#meant(term) };
      }
      case "operator": {
        const name = (raw["operator"] as string).toLowerCase();
        if (!FUNCTIONS.has(name)) throw new Declined(`the function ${name}`);
        const args = (raw["args"] as readonly unknown[]).map((each) => this.expression(each));
        const { base } = this.#open;
        if (base !== undefined && (name === "iri" || name === "uri")) args.push({ type: "term", term: literal(base) });
        return { type: "call", name, args };
      }
      case "named": {
        const iri = (raw["name"] as Term).value;
        if (!CASTS.has(iri)) throw new Declined(`the function <${iri}>`);
        return {
          type: "call",
          name: iri,
          args: (raw["args"] as readonly unknown[]).map((each) => this.expression(each)),
        };
      }
      case "existence":
        return { type: "exists", not: raw["not"] === true, input: this.node(raw["input"]) };
      default:
        throw new Declined(`an expression of the kind ${String(raw["subType"])}`);
    }
  }

  /** The name of a variable that is in no text. */
  #fresh(): string {
    return ` ${++this.#made}`;
  }
}

/** Names as they are seen inside a subquery. */
class Hiding extends Map<string, string> {
  readonly #hide: (name: string) => string;

  constructor(shown: ReadonlyMap<string, string>, hide: (name: string) => string) {
    super(shown);
    this.#hide = hide;
  }

  override get(name: string): string {
    return super.get(name) ?? this.#hide(name);
  }
}

/** A LIMIT and OFFSET, as an operation has them, of what a node gives. */
export function sliced(input: Node, raw: Raw): Node {
  const [offset, limit] = [raw["start"], raw["length"]] as readonly (number | undefined)[];
  return { type: "slice", input, offset: offset ?? 0, limit: limit ?? Number.POSITIVE_INFINITY };
}
