import { Generator } from "@traqula/generator-sparql-1-2";
import { Parser } from "@traqula/parser-sparql-1-2";
import type { ServiceCall, ServiceCalls, ServiceRows } from "../../hub/ports/sparql-syntax.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, type Term } from "../../rdf/term.ts";
import { termOfId } from "../../rdf/term-id.ts";
import { type Operation, parseOperation, parseQuery, QUERY_LENGTH_MAX } from "./parse-query.ts";

/** LIMIT: SERVICE clauses in one query. */
const CALLS_MAX = 8;

/** What stands in the place of what a SERVICE will give, until it has. */
const MARK = "urn:sterna:service:";

/** COMPAT: Traqula prints only what says where it comes from. */
const GENERATED = { sourceLocationType: "autoGenerate" } as const;

const parser = new Parser({ lexerConfig: { positionTracking: "full" } });
const generator = new Generator();

type Node = Readonly<Record<string, unknown>>;

/**
 * Takes the SERVICE clauses out of a query: each is a SELECT for another endpoint, and in the query stands VALUES whose
 * rows come later ({@link withServiceRows}). Refuses as `adHoc` does, and SERVICE by a variable, in another SERVICE, or
 * without variables.
 */
export function serviceCalls(text: string, baseIri: Iri): ServiceCalls | Refusal {
  const parsed = parseOperation(text, baseIri, { what: "query", length_max: QUERY_LENGTH_MAX });
  if (isRefusal(parsed)) return parsed;
  const tree = parser.parse(text, { baseIRI: baseIri }) as unknown as Node;
  const reader = new ServiceReader(tree, baseIri);
  const rest = reader.take(tree) as Node;
  if (reader.refusal !== undefined) return reader.refusal;
  return { text: generator.generate(rest as never), calls: reader.calls };
}

class ServiceReader {
  readonly calls: ServiceCall[] = [];
  refusal: Refusal | undefined;
  readonly #context: readonly Node[];
  readonly #prefixes = new Map<string, string>();
  readonly #baseIri: Iri;

  constructor(tree: Node, baseIri: Iri) {
    const own = listOf(tree["context"]);
    const value = { type: "term", subType: "namedNode", value: baseIri, loc: GENERATED };
    this.#context = [{ type: "contextDef", subType: "base", value, loc: GENERATED }, ...own];
    this.#baseIri = baseIri;
    for (const each of own) {
      if (each["subType"] === "prefix" && isNode(each["value"])) {
        this.#prefixes.set(String(each["key"]), String(each["value"]["value"]));
      }
    }
  }

  /** The same tree with marks in the places of services. */
  take(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each: unknown) => this.take(each));
    if (!isNode(value) || value["type"] === "term") return value;
    if (value["type"] === "pattern" && value["subType"] === "service") return this.#service(value);
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === "loc" ? inner : this.take(inner)]),
    );
  }

  #service({ name, silent, patterns }: Node): unknown {
    const endpoint = this.#endpoint(name as Node);
    if (endpoint === undefined) return this.#refuse("the address of an endpoint after SERVICE, but got a variable");
    if (this.calls.length === CALLS_MAX) return this.#refuse(`at most ${CALLS_MAX} SERVICE clauses, but got more`);
    const select = generator.generate({
      type: "query",
      subType: "select",
      context: this.#context,
      variables: [{ type: "wildcard", loc: GENERATED }],
      where: { type: "pattern", subType: "group", patterns, loc: GENERATED },
      datasets: { type: "datasetClauses", clauses: [], loc: GENERATED },
      solutionModifiers: {},
      loc: GENERATED,
    } as never);
    const inner = parseQuery(select, this.#baseIri);
    if (isRefusal(inner)) return this.#refuse("a SERVICE without another one in it", inner);
    const variables = projected(inner);
    if (variables.length === 0) return this.#refuse("variables in SERVICE, but it has none");
    const mark = { type: "term", subType: "namedNode", value: `${MARK}${this.calls.length}`, loc: GENERATED };
    this.calls.push({ endpoint, silent: silent === true, variables, select, mark: namedNode(mark.value) });
    return {
      type: "pattern",
      subType: "values",
      variables: variables.map((each) => ({ type: "term", subType: "variable", value: each, loc: GENERATED })),
      values: [Object.fromEntries(variables.map((each) => [each, mark]))],
      loc: GENERATED,
    };
  }

  #endpoint({ subType, prefix, value }: Node): Iri | undefined {
    if (subType !== "namedNode") return undefined;
    const whole = typeof prefix === "string" ? `${this.#prefixes.get(prefix) ?? ""}${String(value)}` : String(value);
    const resolved = URL.parse(whole, this.#baseIri)?.href ?? whole;
    return isIri(resolved) ? resolved : undefined;
  }

  #refuse(expected: string, because?: Refusal): undefined {
    this.refusal ??= because ?? refuse("invalid", `Expected ${expected}; ask in another way.`);
    return undefined;
  }
}

/** The variables of a SELECT. */
function projected(operation: Operation): readonly string[] {
  let at = operation as unknown as {
    readonly type: string;
    readonly input?: unknown;
    readonly variables?: readonly Term[];
  };
  while (at.type !== "project" && at.input !== undefined) at = at.input as typeof at;
  return at.variables?.map(({ value }) => value) ?? [];
}

/** A query's operation with the rows of its services where their marks stand. */
export function withServiceRows(operation: Operation, services: readonly ServiceRows[]): Operation {
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (!isNode(value) || value["termType"] !== undefined) return value;
    if (value["type"] === "values") {
      const [first] = listOf(value["bindings"]);
      const mark = Object.values(first ?? {})
        .find(isMark)
        ?.value.slice(MARK.length);
      const rows = mark === undefined ? undefined : services[Number(mark)];
      return rows === undefined ? value : { ...value, ...valuesOf(rows) };
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(operation) as Operation;
}

function isMark(value: unknown): value is Term {
  return isNode(value) && value["termType"] === "NamedNode" && String(value["value"]).startsWith(MARK);
}

function valuesOf({ variables, terms }: ServiceRows): Node {
  const width = variables.length;
  const rows = width === 0 ? terms.length : terms.length / width;
  const bindings = Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(
      variables.flatMap((name, column) => {
        const id = terms[row * width + column];
        return id === null || id === undefined ? [] : [[name, termOfId(id)]];
      }),
    ),
  );
  // A silent failure binds nothing.
  return width === 0 ? { variables: [], bindings } : { bindings };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}
