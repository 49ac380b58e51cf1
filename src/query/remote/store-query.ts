import { Generator } from "@traqula/generator-sparql-1-2";
import { Parser } from "@traqula/parser-sparql-1-2";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Term } from "../../rdf/term.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import { type Operation, parseQuery } from "../syntax/parse-query.ts";
import type { StoreTerms } from "./store-terms.ts";

// Making either takes a tenth of a second.
const parser = new Parser({ lexerConfig: { positionTracking: "full" } });
const generator = new Generator();

/** A triple of a CONSTRUCT template. */
export interface TemplateTriple {
  readonly subject: Term;
  readonly predicate: Term;
  readonly object: Term;
}

/** A query as a store outside is asked it: always a SELECT or an ASK, whose rows are made into what was asked here. */
export interface StoreQuery {
  readonly text: string;
  readonly form:
    | { readonly kind: "ask" }
    | { readonly kind: "select"; readonly variables: readonly string[] }
    | { readonly kind: "construct"; readonly template: readonly TemplateTriple[] }
    /** The resources to describe: IRIs as they stand, and what rows bind to the variables. */
    | { readonly kind: "describe"; readonly terms: readonly Term[] };
}

/** How a query is made ready. */
export interface StoreQueryOptions {
  readonly baseIri: Iri;
  readonly terms: StoreTerms;
  /** Variables that stand for terms. */
  readonly bindings?: Readonly<Record<string, Term>>;
  /** Posts whose text holds all these words, newest first: `sterna:matches`, which the store knows nothing of. */
  readonly search?: (words: string) => readonly Iri[];
}

/** LIMIT: posts that one text search hands to the store. COMPAT: Virtuoso 7.2 takes some more in one VALUES, not 5,000. */
export const SEARCH_POSTS_MAX = 1_000;

/**
 * Reads a query with the hub's own parser and writes it anew from the syntax tree, so that the store never reads a text
 * that the hub has not understood in the same way: COMPAT: Virtuoso's DEFINE, its `bif:` and `sql:` functions and its
 * other extensions do not come through. Refuses as {@link parseQuery}, and functions that are not SPARQL's own.
 */
export function storeQuery(text: string, options: StoreQueryOptions): StoreQuery | Refusal {
  const operation = parseQuery(text, options.baseIri);
  if (isRefusal(operation)) return operation;
  const tree = parser.parse(text, { baseIRI: options.baseIri }) as unknown;
  if (!isNode(tree)) return refuse("malformed", "Expected a SPARQL query, but got something else.");
  const rewriter = new Rewriter(tree, options);
  const clean = rewriter.rewriteQuery(tree);
  if (rewriter.refusal !== undefined) return rewriter.refusal;
  return formOf(operation, clean);
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** COMPAT: names of Virtuoso's own, which act wherever they stand. */
const FOREIGN = /^(?:bif|sql|xml|xpath|input|output|sql-option):|^https?:\/\/www\.openlinksw\.com\/schemas\//i;

class Rewriter {
  refusal: Refusal | undefined;
  readonly #prefixes = new Map<string, string>();
  readonly #options: StoreQueryOptions;
  #searches = 0;

  constructor(tree: Node, options: StoreQueryOptions) {
    this.#options = options;
    for (const each of listOf(tree["context"])) {
      if (each["subType"] === "prefix" && isNode(each["value"])) {
        this.#prefixes.set(String(each["key"]), String(each["value"]["value"]));
      }
    }
  }

  rewriteQuery(tree: Node): Node {
    const { bindings = {}, baseIri } = this.#options;
    const own = listOf(tree["context"]).filter((each) => each["subType"] === "base");
    const base = {
      type: "contextDef",
      subType: "base",
      value: { type: "term", subType: "namedNode", value: baseIri, loc: GENERATED },
      loc: GENERATED,
    };
    const rewritten: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(tree)) {
      // Projected names stay names; within the pattern they stand for what they are bound to.
      const bound = key === "where" || key === "template" ? bindings : {};
      rewritten[key] = key === "context" ? value : this.#rewrite(value, bound);
    }
    return { ...rewritten, context: [base, ...own] };
  }

  #rewrite(value: unknown, bindings: Readonly<Record<string, Term>>): unknown {
    if (Array.isArray(value)) {
      return (value as readonly unknown[]).flatMap((each): readonly unknown[] => {
        const rewritten = this.#rewrite(each, bindings);
        return isNode(rewritten) && rewritten["subType"] === "bgp" ? this.#withSearches(rewritten) : [rewritten];
      });
    }
    if (!isNode(value) || value === GENERATED) return value;
    if (value["type"] === "term") return this.#term(value, bindings);
    const { subType } = value;
    if (subType === "functionCall" && isNode(value["function"])) this.#checkFunction(value["function"]);
    const rewritten: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      rewritten[key] = key === "loc" ? inner : this.#rewrite(inner, bindings);
    }
    return rewritten;
  }

  /** A basic graph pattern whose text searches are the posts they find. */
  #withSearches(bgp: Node): readonly Node[] {
    const triples = listOf(bgp["triples"]);
    const searches = triples.filter(isSearch);
    if (searches.length === 0) return [bgp];
    const rest = { ...bgp, triples: triples.filter((each) => !isSearch(each)) };
    return [rest, ...searches.map((each) => this.#found(each))];
  }

  #found({ subject, object }: Node): Node {
    const words = isNode(object) && object["subType"] === "literal" ? object["value"] : undefined;
    if (typeof words !== "string" || !isNode(subject)) {
      this.refusal ??= refuse(
        "invalid",
        "Expected the words of a text search (sterna:matches) as a text, but they are not given.",
      );
      return {};
    }
    const found = (this.#options.search?.(words) ?? []).slice(0, SEARCH_POSTS_MAX);
    const name = subject["subType"] === "namedNode" ? `found${++this.#searches}` : String(subject["value"]);
    const variable = { type: "term", subType: "variable", value: name, loc: GENERATED };
    // A post that is named is found or not: one row, or none.
    const rows = subject["subType"] === "namedNode" ? found.filter((each) => each === subject["value"]) : found;
    const values = rows.map((value) => ({ [name]: { type: "term", subType: "namedNode", value, loc: GENERATED } }));
    return { type: "pattern", subType: "values", variables: [variable], values, loc: GENERATED };
  }

  #term(term: Node, bindings: Readonly<Record<string, Term>>): Node {
    switch (term["subType"]) {
      case "variable": {
        const bound = bindings[String(term["value"])];
        return bound === undefined ? term : this.#written(bound, term["loc"]);
      }
      case "namedNode":
        return this.#namedNode(term);
      case "literal": {
        const { langOrIri } = term;
        if (!isNode(langOrIri)) return term;
        const named = this.#namedNode(langOrIri);
        const type = this.#options.terms.datatypeOf(String(named["value"]), String(term["value"]));
        return { ...term, langOrIri: { ...named, value: type } };
      }
      default:
        return term;
    }
  }

  #namedNode(term: Node): Node {
    const { prefix, ...rest } = term;
    const value =
      typeof prefix === "string" ? `${this.#prefixes.get(prefix) ?? ""}${String(term["value"])}` : term["value"];
    if (FOREIGN.test(String(value))) this.#refuse(`<${String(value).slice(0, 80)}>, which is a store's own`);
    return { ...rest, value };
  }

  #checkFunction(name: Node): void {
    const { value } = this.#namedNode(name);
    if (!String(value).startsWith(xsd.namespace)) this.#refuse(`the function <${String(value).slice(0, 80)}>`);
  }

  #refuse(what: string): void {
    this.refusal ??= refuse(
      "forbidden",
      `Expected a query in SPARQL 1.1 with its own functions, but it has ${what}; leave it out.`,
    );
  }

  #written(term: Term, loc: unknown): Node {
    if (term.termType === "Literal") {
      const type = this.#options.terms.datatypeOf(term.datatype.value, term.value);
      const iri = { type: "term", subType: "namedNode", value: type, loc };
      const langOrIri =
        term.language === "" ? (type === xsd.string.value ? {} : { langOrIri: iri }) : { langOrIri: term.language };
      return { type: "term", subType: "literal", value: term.value, ...langOrIri, loc };
    }
    const iri = this.#options.terms.write(term) ?? "<urn:sterna:too-long>";
    return { type: "term", subType: "namedNode", value: iri.slice(1, -1), loc };
  }
}

/** COMPAT: Traqula prints only what says where it comes from. */
const GENERATED = { sourceLocationType: "autoGenerate" } as const;

function isSearch({ predicate }: Node): boolean {
  return isNode(predicate) && predicate["subType"] === "namedNode" && predicate["value"] === sterna.matches.value;
}

function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

interface Shape {
  readonly type: string;
  readonly input?: Operation;
  readonly variables?: readonly { readonly value: string }[];
  readonly template?: readonly TemplateTriple[];
  readonly terms?: readonly Term[];
}

function formOf(operation: Operation, tree: Node): StoreQuery | Refusal {
  const shape = formIn(operation);
  const write = (node: Node): string => generator.generate(node as never);
  switch (shape.type) {
    case "ask":
      return { text: write(tree), form: { kind: "ask" } };
    case "construct": {
      const template = shape.template ?? [];
      const names = new Set(template.flatMap((each) => [each.subject, each.predicate, each.object]).filter(isVariable));
      const { template: _, ...rest } = tree;
      return {
        text: write(
          selecting(
            rest,
            [...names].map(({ value }) => value),
          ),
        ),
        form: { kind: "construct", template },
      };
    }
    case "describe": {
      const terms = shape.terms ?? [];
      const names = terms.filter(isVariable).map(({ value }) => value);
      const text = tree["where"] === undefined || names.length === 0 ? "" : write(selecting(tree, names));
      return { text, form: { kind: "describe", terms } };
    }
    default:
      return {
        text: write(tree),
        form: { kind: "select", variables: (shape.variables ?? []).map(({ value }) => value) },
      };
  }
}

/** The operation that says what is asked for: LIMIT and the like may stand around it. */
function formIn(operation: Operation): Shape {
  let at = operation as unknown as Shape;
  while (!FORMS.has(at.type) && at.input !== undefined) at = at.input as unknown as Shape;
  return at;
}

const FORMS: ReadonlySet<string> = new Set(["ask", "construct", "describe", "project"]);

function isVariable(term: Term): boolean {
  return term.termType === "Variable";
}

function selecting(tree: Node, names: readonly string[]): Node {
  const unique = [...new Set(names)];
  const variables =
    unique.length === 0
      ? [{ type: "wildcard", loc: GENERATED }]
      : unique.map((value) => ({ type: "term", subType: "variable", value, loc: GENERATED }));
  return { ...tree, subType: "select", variables };
}
