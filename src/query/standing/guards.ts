import { termId } from "../../rdf/term-id.ts";
import { rdf } from "../../vocab/rdf.ts";
import type { Node, Path, PatternNode } from "../source/node.ts";
import { wordKeyOf } from "./word-key.ts";

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
export function guardsOf(node: Node): readonly Guard[] {
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
export const CLASS = 20;

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

/** The predicates of a path, each once; undefined when it is about all but some. */
export function distinctPredicates(path: Path): readonly string[] | undefined {
  const predicates = predicatesOf(path);
  return predicates === undefined ? undefined : [...new Set(predicates)].sort();
}

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
