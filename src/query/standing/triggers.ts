import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import { termId } from "../../rdf/term-id.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import {
  certain,
  type Expression,
  intersection,
  type Node,
  type Path,
  type PatternNode,
  type Place,
} from "../source/node.ts";
import { CLASS, distinctPredicates, type Guard, guardsOf } from "./guards.ts";

/** LIMIT: patterns and paths of one standing query. */
export const PATTERNS_MAX = 64;

/** One of the two places of a triple whose term is looked at to find the queries it may touch. */
export type Watched = "subject" | "object";

/** Which triples may make a difference to a query, and for which of its answers. */
export interface Trigger {
  readonly subject: Place;
  readonly predicate: Place;
  readonly object: Place;
  /** Variables that have in the answers the values they have in the triple; undefined for all of them. */
  readonly kept: ReadonlySet<string> | undefined;
  /** Whether a triple more never takes answers away, nor one less gives any. */
  readonly monotone: boolean;
  readonly watched: Watched;
  /** Undefined when any term will do. */
  readonly guard: Guard | undefined;
}

/** A path of any length: which predicates make it up, and an end that is given. */
export interface PathTrigger {
  readonly predicates: readonly string[];
  readonly end: string;
}

export interface Triggers {
  readonly triples: readonly Trigger[];
  readonly paths: readonly PathTrigger[];
}

/** Where a part of a query stands: what of it is seen in the answers, and what must be true beside it. */
interface Scope {
  readonly kept: ReadonlySet<string> | undefined;
  readonly guards: readonly Guard[];
  readonly monotone: boolean;
}

/**
 * What can touch a query: for each of its patterns, wherever it stands, which triples it matches and what must be true
 * beside them. Refuses what cannot be kept: values that change by themselves, GRAPH, patterns that match everything.
 */
export function triggersOf(node: Node): Triggers | Refusal {
  const found = new Found();
  try {
    found.node(node, { kept: undefined, guards: [], monotone: true });
    return found;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** Whether one of them is fired by nearly every post: nothing but a class says which terms it is about. */
export function isBroad({ triples }: Triggers): boolean {
  return triples.some(({ guard }) => guard === undefined || guard.rank >= CLASS);
}

class Found implements Triggers {
  readonly triples: Trigger[] = [];
  readonly paths: PathTrigger[] = [];

  node(node: Node, scope: Scope): void {
    switch (node.type) {
      case "pattern":
        return this.#pattern(node, scope);
      case "search": {
        const predicate = { term: sioc.content };
        return this.#pattern({ ...node, type: "pattern", predicate, object: ANYTHING, graph: "default" }, scope, node);
      }
      case "repeat":
        return this.#path(node.path, node.subject, node.object);
      case "values":
        return;
      case "join": {
        const inner = { ...scope, guards: [...scope.guards, ...guardsOf(node)] };
        for (const part of node.parts) this.node(part, inner);
        return this.#expressions(node.filters, node, inner);
      }
      case "union":
        for (const part of node.parts) this.node(part, scope);
        return;
      case "left": {
        const inner = { ...scope, guards: [...scope.guards, ...guardsOf(node.left)] };
        this.node(node.left, inner);
        this.node(node.right, within(inner, node.left));
        return this.#expressions(node.condition, node.left, inner);
      }
      case "minus": {
        const inner = { ...scope, guards: [...scope.guards, ...guardsOf(node.left)] };
        this.node(node.left, inner);
        return this.node(node.right, within(inner, node.left));
      }
      case "extend": {
        const inner = { ...scope, guards: [...scope.guards, ...guardsOf(node.input)] };
        this.node(node.input, inner);
        return this.#expressions([node.expression], node.input, inner);
      }
      case "group": {
        const keys = new Set(node.keys);
        const guards = scope.guards.filter(({ variable }) => keys.has(variable));
        const aggregated = node.aggregates.flatMap(({ expression }) => expression ?? []);
        const inner = { kept: keptOf(scope.kept, keys), guards, monotone: false };
        this.node(node.input, inner);
        return this.#expressions(aggregated, node.input, inner);
      }
      case "project":
        return this.node(node.input, { ...scope, kept: keptOf(scope.kept, new Set(node.variables)) });
      case "distinct":
        return this.node(node.input, scope);
      case "order":
        this.node(node.input, scope);
        return this.#expressions(
          node.keys.map(({ expression }) => expression),
          node.input,
          scope,
        );
      case "graph":
        throw noGraph();
      case "slice":
        return this.node(node.input, { kept: new Set(), guards: [], monotone: false });
    }
  }

  #expressions(expressions: readonly Expression[], of: Node, scope: Scope): void {
    for (const each of expressions) {
      if (each.type === "exists") this.node(each.input, within(scope, of));
      if (each.type !== "call") continue;
      if (CHANGING.has(each.name)) {
        throw no(
          "invalid",
          `Expected a query whose answers change with posts only, but ${each.name.toUpperCase()}() changes by itself; leave it out.`,
        );
      }
      this.#expressions(each.args, of, scope);
    }
  }

  #pattern(pattern: PatternNode, scope: Scope, itself: Node = pattern): void {
    const { subject, predicate, object, graph } = pattern;
    if (graph !== "default") throw noGraph();
    if (this.triples.length + this.paths.length >= PATTERNS_MAX) throw tooMany();
    const guards = [...scope.guards, ...guardsOf(itself)];
    const best = [
      ...candidates(subject, "subject", guards, predicate),
      ...candidates(object, "object", guards, predicate),
    ]
      .sort((a, b) => a.guard.rank - b.guard.rank)
      .at(0);
    if (best === undefined && "variable" in predicate) {
      throw no(
        "too-large",
        "Expected patterns that name a predicate, an account, a topic or a word, but one of them matches everything; say more of what the query is about.",
      );
    }
    const { kept, monotone } = scope;
    const watched = best?.watched ?? "subject";
    this.triples.push({ subject, predicate, object, kept, monotone, watched, guard: best?.guard });
  }

  #path(path: Path, subject: Place, object: Place): void {
    const predicates = distinctPredicates(path);
    if (this.triples.length + this.paths.length >= PATTERNS_MAX) throw tooMany();
    const ends = [subject, object].flatMap((place) => ("term" in place ? [termId(place.term)] : []));
    const [end] = ends;
    if (predicates === undefined || end === undefined) {
      throw no(
        "too-large",
        "Expected a path of any length that names its predicates and begins or ends at a given post or account, but this one may lead anywhere; give it an end.",
      );
    }
    this.paths.push({ predicates, end });
  }
}

/** The object of the triple that holds the text searched. */
const ANYTHING: Place = { variable: " text" };

const CHANGING: ReadonlySet<string> = new Set(["now", "rand", "uuid", "struuid", "bnode"]);

function no(code: "invalid" | "too-large", sentence: string): Refused {
  return new Refused(refuse(code, sentence));
}

function noGraph(): Refused {
  return no("invalid", "Expected a standing query over all posts, but it uses GRAPH; leave it out.");
}

function tooMany(): Refused {
  return no("too-large", `Expected at most ${PATTERNS_MAX} patterns in a standing query, but got more; ask for less.`);
}

function keptOf(kept: ReadonlySet<string> | undefined, seen: ReadonlySet<string>): ReadonlySet<string> {
  return kept === undefined ? seen : intersection(kept, seen);
}

/** The scope of what is evaluated for each solution of `outer` and only decides what becomes of it. */
function within(scope: Scope, outer: Node): Scope {
  const sure = certain(outer);
  return {
    kept: keptOf(scope.kept, sure),
    guards: scope.guards.filter(({ variable }) => sure.has(variable)),
    monotone: false,
  };
}

/** What a triple's place can be looked up by. */
function candidates(
  place: Place,
  watched: Watched,
  guards: readonly Guard[],
  predicate: Place,
): readonly { readonly watched: Watched; readonly guard: Guard }[] {
  if ("term" in place) {
    const isClass = watched === "object" && "term" in predicate && predicate.term.value === rdf.type.value;
    return [
      { watched, guard: { variable: "", keys: [{ key: `= ${termId(place.term)}` }], rank: isClass ? CLASS : 1 } },
    ];
  }
  return guards.filter(({ variable }) => variable === place.variable).map((guard) => ({ watched, guard }));
}
