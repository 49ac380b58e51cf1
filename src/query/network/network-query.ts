import type { NetworkGroup, NetworkPattern, NetworkPeriod, NetworkQuestion } from "../../hub/ports/network-plan.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import { literal, type Term } from "../../rdf/term.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import { Declined } from "../source/declined.ts";
import { certain, type Expression, type Node, type Path, type PatternNode } from "../source/node.ts";
import { type Translated, translate } from "../source/translate.ts";
import { datasetIn, parseQuery } from "../syntax/parse-query.ts";

/** LIMIT: triple patterns that one query may ask of other hubs. */
export const NETWORK_PATTERNS_MAX = 40;

/**
 * What a query needs of other hubs: its patterns in groups, of which each tells what narrows what. The triples that
 * match a pattern, as far as its group and those around it leave any, are enough: evaluated over those and its own, the
 * query has the answer that one store with everything would give, so no join is left to a hub that sees a part of it.
 * Refuses as `adHoc` does, with `not-implemented` GRAPH, FROM and DESCRIBE, and with `too-large` patterns that ask for
 * everything there is.
 */
export function networkQuestion(text: string, baseIri: Iri): NetworkQuestion | Refusal {
  const named = datasetIn(text, baseIri);
  if (isRefusal(named)) return named;
  if (named !== undefined) return notAcross("FROM");
  const operation = parseQuery(text, baseIri, { graphs: "kept" });
  if (isRefusal(operation)) return operation;
  try {
    const translated = translate(operation);
    if (translated.form.type === "describe") return notAcross("DESCRIBE");
    return questionOf(translated);
  } catch (error) {
    if (error instanceof Declined) return notAcross(error.message);
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function questionOf({ form, node }: Translated): NetworkQuestion | Refusal {
  const reader = new GroupReader();
  reader.read(node);
  const { groups } = reader;
  const patterns = groups.flatMap((group) => group.patterns);
  if (patterns.length > NETWORK_PATTERNS_MAX) {
    return refuse(
      "too-large",
      `Expected at most ${NETWORK_PATTERNS_MAX} different patterns in a query across hubs, but got ${patterns.length}; ask for less at once.`,
    );
  }
  if (groups.some(asksForEverything)) return everything();
  const [inner, limit] = node.type === "slice" && node.offset === 0 ? [node.input, node.limit] : [node, undefined];
  const grows = form.type === "select" && isGrowing(inner);
  return { groups, grows, ...(grows && limit !== undefined && Number.isFinite(limit) ? { limit } : {}) };
}

type GrowingGroup = {
  -readonly [K in keyof NetworkGroup]: NetworkGroup[K] extends readonly (infer T)[] ? T[] : NetworkGroup[K];
};

/** Takes the patterns of a query apart into groups. */
class GroupReader {
  readonly groups: GrowingGroup[] = [];

  read(node: Node): void {
    this.#into(node, this.#begin());
  }

  #begin(within?: number, through?: ReadonlySet<string>): number {
    const group: GrowingGroup = {
      patterns: [],
      values: [],
      periods: [],
      ...(within === undefined ? {} : { within }),
      ...(through === undefined ? {} : { through: [...through] }),
    };
    return this.groups.push(group) - 1;
  }

  /** Reads a node all of whose solutions each solution of the group at `at` needs one of. */
  #into(node: Node, at: number): void {
    const group = this.groups[at];
    if (group === undefined) return;
    switch (node.type) {
      case "pattern":
        group.patterns.push(plain(node));
        return;
      case "search":
        group.patterns.push({
          subject: node.subject,
          predicate: { term: sterna.matches },
          object: { term: literal(node.words) },
        });
        return;
      case "values":
        for (const variable of node.variables) {
          const terms = node.rows.flatMap((row) => row[variable] ?? []);
          if (terms.length === node.rows.length) group.values.push({ variable, terms });
        }
        return;
      case "repeat":
        this.#path(node);
        return;
      case "join":
        for (const part of node.parts) this.#into(part, at);
        group.periods.push(...node.filters.flatMap(periodOf));
        this.#conditions(node.filters, at, node);
        return;
      case "union":
        for (const part of node.parts) this.#into(part, this.#begin(at));
        return;
      case "left":
        this.#into(node.left, at);
        this.#into(node.right, this.#begin(at, certain(node.left)));
        this.#conditions(node.condition, at, node.left);
        return;
      case "minus":
        this.#into(node.left, at);
        this.#into(node.right, this.#begin(at, certain(node.left)));
        return;
      case "extend":
        this.#into(node.input, at);
        this.#conditions([node.expression], at, node.input);
        return;
      case "order":
        this.#into(node.input, at);
        this.#conditions(
          node.keys.map(({ expression }) => expression),
          at,
          node.input,
        );
        return;
      case "project":
      case "distinct":
        this.#into(node.input, at);
        return;
      // What counts solutions needs those too that nobody joins with.
      case "slice":
        this.read(node.input);
        return;
      case "group": {
        this.read(node.input);
        const inside = this.groups.length - 1;
        for (const { expression } of node.aggregates) {
          if (expression !== undefined) this.#conditions([expression], inside, node.input);
        }
        return;
      }
      case "graph":
        throw new Declined("GRAPH");
    }
  }

  /** What EXISTS looks for, which is told by what is bound where it stands. */
  #conditions(expressions: readonly Expression[], at: number, around: Node): void {
    for (const each of expressions) {
      if (each.type === "exists") this.#into(each.input, this.#begin(at, certain(around)));
      else if (each.type === "call") this.#conditions(each.args, at, around);
    }
  }

  /** A path's steps lead over things that nobody names, so each is asked for by itself. */
  #path({ path, subject, object }: Node & { readonly type: "repeat" }): void {
    if (path.least === 0 && "variable" in subject && "variable" in object)
      throw new Declined("a path of no length (* or ?) between two variables");
    for (const predicate of predicatesOf(path)) {
      const name = ` path ${this.groups.length}`;
      const pattern = { subject: { variable: `${name} s` }, object: { variable: `${name} o` } };
      this.groups[this.#begin()]?.patterns.push({ ...pattern, predicate: { term: predicate } });
    }
  }
}

function plain({ subject, predicate, object, graph, except }: PatternNode): NetworkPattern {
  if (graph !== "default") throw new Declined("GRAPH");
  if (except !== undefined) throw new Refused(everything());
  return { subject, predicate, object };
}

function predicatesOf(path: Path): readonly Term[] {
  switch (path.type) {
    case "link":
      return [path.predicate];
    case "inverse":
    case "repeat":
      return predicatesOf(path.path);
    case "sequence":
    case "alternative":
      return path.paths.flatMap(predicatesOf);
    case "not":
      throw new Refused(everything());
  }
}

/** Whether a pattern of variables alone has nothing beside it that says of which things. */
function asksForEverything({ patterns, values }: NetworkGroup): boolean {
  const open = ({ subject, predicate, object }: NetworkPattern): boolean =>
    [subject, predicate, object].every((place) => "variable" in place);
  return patterns.some(
    (each) =>
      open(each) &&
      !values.some(({ variable }) => "variable" in each.subject && each.subject.variable === variable) &&
      !patterns.some((other) => !open(other) && isSame(other.subject, each.subject)),
  );
}

function isSame(one: NetworkPattern["subject"], other: NetworkPattern["subject"]): boolean {
  return "variable" in one && "variable" in other && one.variable === other.variable;
}

/** `?date >= "…"^^xsd:dateTime` and the like; what is only nearly true is enough, since it only leaves hubs out. */
function periodOf(filter: Expression): readonly NetworkPeriod[] {
  if (filter.type !== "call") return [];
  const [left, right] = filter.args;
  if (left?.type === "term" && right?.type === "variable") {
    const turned = TURNED[filter.name];
    return turned === undefined ? [] : periodOf({ type: "call", name: turned, args: [right, left] });
  }
  if (left?.type !== "variable" || right?.type !== "term") return [];
  const { term } = right;
  if (term.termType !== "Literal" || !term.datatype.equals(xsd.dateTime)) return [];
  const { variable } = left;
  switch (filter.name) {
    case ">":
    case ">=":
      return [{ variable, from: term.value }];
    case "<":
    case "<=":
      return [{ variable, until: term.value }];
    case "=":
      return [{ variable, from: term.value, until: term.value }];
    default:
      return [];
  }
}

const TURNED: Readonly<Record<string, string>> = { ">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "=" };

/** Whether more triples can only add solutions. */
function isGrowing(node: Node): boolean {
  switch (node.type) {
    case "pattern":
    case "repeat":
    case "search":
    case "values":
      return true;
    case "join":
      return node.parts.every(isGrowing) && !node.filters.some(looksFor);
    case "union":
      return node.parts.every(isGrowing);
    case "extend":
      return isGrowing(node.input) && !looksFor(node.expression);
    case "project":
    case "distinct":
      return isGrowing(node.input);
    default:
      return false;
  }
}

function looksFor(expression: Expression): boolean {
  return expression.type === "exists" || (expression.type === "call" && expression.args.some(looksFor));
}

function notAcross(what: string): Refusal {
  return refuse(
    "not-implemented",
    `Expected a SELECT, ASK or CONSTRUCT over the default graph to ask across hubs, but got ${what}; leave it out, or ask without scope=network.`,
  );
}

function everything(): Refusal {
  return refuse(
    "too-large",
    "Expected patterns that name at least one term to ask across hubs, but one asks for everything there is; name a predicate, a subject or an object.",
  );
}
