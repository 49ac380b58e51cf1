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
import { wordKeyOf } from "./word-key.ts";

/** LIMIT: patterns and paths of one standing query. */
export const PATTERNS_MAX = 64;

/** One of the two places of a triple whose term is looked at to find the queries it may touch. */
export type Watched = "subject" | "object";

/**
 * One thing that may be true of a term: `= term` it is this one; `> p term` it has this triple; `< p term` it is the
 * object of this one; `link > p term` and `link < p term` its `link` is; `~ word` its text has this word; `@ p q term`
 * triples of these predicates connect it with this one, whichever way. Terms as `termId`.
 */
export interface GuardKey {
  readonly key: string;
  /** Predicates to be walked to find it out. */
  readonly link?: string;
  readonly inverse?: string;
  readonly path?: readonly string[];
}

/** What must be true of a variable's value: one of these at least. */
export interface Guard {
  readonly variable: string;
  readonly keys: readonly GuardKey[];
  /** The less, the fewer terms it is thought to be true of. */
  readonly rank: number;
}

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
    if (graph !== "default") {
      throw no("invalid", "Expected a standing query over all posts, but it uses GRAPH; leave it out.");
    }
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

type Mandatory = PatternNode | (Node & { readonly type: "search" | "union" | "repeat" });

/** The patterns and paths that every solution of a node matches, and unions of such. */
function mandatory(node: Node): readonly Mandatory[] {
  switch (node.type) {
    case "pattern":
    case "search":
    case "union":
    case "repeat":
      return [node];
    case "join":
      return node.parts.flatMap(mandatory);
    case "left":
    case "minus":
      return mandatory(node.left);
    default:
      return [];
  }
}

/** What must be true of the values of a node's variables, as far as it can be looked up. */
function guardsOf(node: Node): readonly Guard[] {
  const nodes = mandatory(node);
  const direct = nodes.flatMap(directGuards);
  return [...direct, ...nodes.flatMap((each) => (each.type === "pattern" ? hopGuards(each, direct) : []))];
}

/** What the objects of a pattern must be is also what its subjects' objects must be. */
function hopGuards({ subject, predicate, object }: PatternNode, direct: readonly Guard[]): readonly Guard[] {
  if (!("term" in predicate) || !("variable" in subject) || !("variable" in object)) return [];
  if (subject.variable === object.variable) return [];
  const link = predicate.term.value;
  return direct
    .filter(({ variable, keys }) => variable === object.variable && keys.every(({ key }) => /^[<>]/.test(key)))
    .map(({ keys, rank }) => ({
      variable: subject.variable,
      keys: keys.map((each) => ({ ...each, key: `${link} ${each.key}`, link })),
      rank: rank + HOP,
    }));
}

function directGuards(node: Mandatory): readonly Guard[] {
  if (node.type === "search") return wordGuard(node);
  if (node.type === "repeat") return pathGuard(node);
  return node.type === "union" ? unionGuards(node) : directGuard(node);
}

/** What is true of a variable in one branch or another, where each branch says something of it. */
function unionGuards({ parts }: Node & { readonly type: "union" }): readonly Guard[] {
  const [first = [], ...others] = parts.map((part) => bestOf(guardsOf(part)));
  return first.flatMap((guard) => {
    const same = others.map((guards) => guards.find(({ variable }) => variable === guard.variable));
    const all = [guard, ...same];
    const keys = all.flatMap((each) => each?.keys ?? []);
    const rank = Math.max(...all.map((each) => each?.rank ?? CLASS));
    return same.includes(undefined) || keys.length > KEYS_MAX ? [] : [{ variable: guard.variable, keys, rank }];
  });
}

/** The best guard of each variable. */
function bestOf(guards: readonly Guard[]): readonly Guard[] {
  const best = new Map<string, Guard>();
  for (const guard of guards) {
    if (guard.rank < (best.get(guard.variable)?.rank ?? Number.POSITIVE_INFINITY)) best.set(guard.variable, guard);
  }
  return [...best.values()];
}

/** LIMIT: things of which one must be true, as a union has branches. */
const KEYS_MAX = 16;
const HOP = 3;
/** Of a class there are many. */
const CLASS = 20;

function directGuard({ subject, predicate, object, graph }: PatternNode): readonly Guard[] {
  if (!("term" in predicate) || graph !== "default") return [];
  const { value } = predicate.term;
  const isClass = value === rdf.type.value;
  if ("variable" in subject && "term" in object) {
    const key = `> ${value} ${termId(object.term)}`;
    return [{ variable: subject.variable, keys: [{ key }], rank: isClass ? CLASS : 2 }];
  }
  if ("term" in subject && "variable" in object) {
    const key = `< ${value} ${termId(subject.term)}`;
    return [{ variable: object.variable, keys: [{ key, inverse: value }], rank: 4 }];
  }
  return [];
}

function wordGuard({ subject, words }: Node & { readonly type: "search" }): readonly Guard[] {
  const word = wordKeyOf(words);
  if (word === undefined || !("variable" in subject)) return [];
  return [{ variable: subject.variable, keys: [{ key: `~ ${word}` }], rank: 3 }];
}

function pathGuard({ path, subject, object }: Node & { readonly type: "repeat" }): readonly Guard[] {
  const [end, other] = "term" in subject ? [subject, object] : [object, subject];
  const predicates = distinctPredicates(path);
  if (predicates === undefined || !("term" in end) || !("variable" in other)) return [];
  const key = `@ ${predicates.join(" ")} ${termId(end.term)}`;
  return [{ variable: other.variable, keys: [{ key, path: predicates }], rank: 6 }];
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

function distinctPredicates(path: Path): readonly string[] | undefined {
  const predicates = predicatesOf(path);
  return predicates === undefined ? undefined : [...new Set(predicates)].sort();
}

/** The predicates of a path; undefined when it is about all but some. */
function predicatesOf(path: Path): readonly string[] | undefined {
  switch (path.type) {
    case "link":
      return [path.predicate.value];
    case "not":
      return undefined;
    case "inverse":
    case "repeat":
      return predicatesOf(path.path);
    case "sequence":
    case "alternative": {
      const parts = path.paths.map(predicatesOf);
      return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
    }
  }
}
