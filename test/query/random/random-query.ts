import fc from "fast-check";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { parseQuery } from "../../../src/query/syntax/parse-query.ts";
import { BASE } from "./bounds.ts";
import { anyVariable, node } from "./random-expression.ts";
import { type Patterns, patternsOf } from "./random-pattern.ts";
import { either, pick, say, several, type Text, withPrefixes } from "./sparql-text.ts";

/** A query and what must be known of it to tell whether an answer is right. */
export interface RandomQuery {
  /** What is asked. */
  readonly text: string;
  /** The same without OFFSET and LIMIT, and with a column for each key that it is ordered by. */
  readonly whole: string;
  /** Columns of `whole` that order it, the first first; those named `keyN` are not in the answer to `text`. */
  readonly keys: readonly SortKey[];
  readonly offset: number;
  readonly limit: number;
  /** Whether a row may come any number of times. */
  readonly reduced: boolean;
  /** Whether it keeps away from what engines are known to differ about. */
  readonly calm: boolean;
}

export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

/** A condition of ORDER BY. */
export interface Order {
  readonly expression: string;
  readonly descending: boolean;
}

/** The parts of a SELECT before it is written. */
export interface Select {
  /** `SELECT DISTINCT ?a (COUNT(*) AS ?n)`. */
  readonly head: string;
  /** A group with its braces. */
  readonly where: string;
  /** GROUP BY and HAVING. */
  readonly grouping?: string;
  readonly order?: readonly Order[];
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

/** Writes a SELECT, and the one that has its whole answer. */
export function selectQuery({ head, where, grouping = "", order = [], offset, limit }: Select): RandomQuery {
  // Plain variables stand before what is computed.
  const plain = head.replace(/\(.*/, "").split(" ");
  const shown = new Set([...plain, ...[...head.matchAll(/ AS (\?\w+)\)/g)].map(([, name = ""]) => name)]);
  const columns = order.map(({ expression }, index) => {
    const isThere = /^\?\w+$/.test(expression) && (head.endsWith("*") || shown.has(expression));
    return { expression, name: isThere ? expression : `?key${index}`, isThere };
  });
  const added = columns.filter(({ isThere }) => !isThere).map(({ expression, name }) => `(${expression} AS ${name})`);
  const isStar = head.endsWith("*") && added.length > 0;
  const conditions = order.map(({ expression, descending }) => `${descending ? "DESC" : "ASC"}(${expression})`);
  return written({
    text: [
      `${head} WHERE ${where}`,
      ...(grouping === "" ? [] : [grouping]),
      ...(conditions.length === 0 ? [] : [`ORDER BY ${conditions.join(" ")}`]),
      ...(limit === undefined ? [] : [`LIMIT ${limit}`]),
      ...(offset === undefined ? [] : [`OFFSET ${offset}`]),
    ].join(" "),
    whole: isStar
      ? `${head} WHERE { ${where} ${added.map((each) => `BIND${each}`).join(" ")} }`
      : `${[head, ...added].join(" ")} WHERE ${where} ${grouping}`,
    keys: columns.map(({ name }, index) => ({ column: name.slice(1), descending: order[index]?.descending ?? false })),
    offset: offset ?? 0,
    limit: limit ?? Number.POSITIVE_INFINITY,
    reduced: head.startsWith("SELECT REDUCED"),
    calm: false,
  });
}

/** Any other form of query, whose answer has no order. */
export function plainQuery(text: string): RandomQuery {
  const all = { offset: 0, limit: Number.POSITIVE_INFINITY, reduced: false, calm: false };
  return written({ text, whole: text, keys: [], ...all });
}

/** Gives new variables their names (`?NEW` in the text) and adds prefixes. */
function written(query: RandomQuery): RandomQuery {
  const named = (text: string): string => {
    let count = 0;
    return withPrefixes(text.replace(/\{ \. /g, "{ ").replace(/\?NEW\b/g, () => `?v${++count}`));
  };
  return { ...query, text: named(query.text), whole: named(query.whole) };
}

const orderings = (keys: Text, max: number): fc.Arbitrary<readonly Order[]> =>
  fc.array(fc.record({ expression: keys, descending: fc.boolean() }), { maxLength: max });
const limits = fc.option(fc.constantFrom(0, 1, 2, 3, 5, 10), { nil: undefined, freq: 2 });
const offsets = fc.option(fc.constantFrom(1, 1, 2, 0, 20), { nil: undefined, freq: 2 });

function selects({ group, expressions }: Patterns): fc.Arbitrary<RandomQuery> {
  return fc
    .record({
      head: either(
        [3, pick("SELECT *")],
        [3, several(anyVariable, " ", 1, 3).map((names) => `SELECT ${[...new Set(names.split(" "))].join(" ")}`)],
        [2, say`SELECT ?a (${expressions.any(2)} AS ?NEW)`],
      ),
      where: group(2),
      order: orderings(either([3, anyVariable], [1, expressions.any(2)]), 2),
      offset: offsets,
      limit: limits,
    })
    .map(selectQuery);
}

function distinctSelects({ group }: Patterns): fc.Arbitrary<RandomQuery> {
  return fc
    .tuple(fc.uniqueArray(anyVariable, { minLength: 1, maxLength: 3 }), pick("DISTINCT", "DISTINCT", "REDUCED"))
    .chain(([names, kind]) =>
      fc.record({
        head: fc.constant(`SELECT ${kind} ${names.join(" ")}`),
        where: group(2),
        order: orderings(pick(...names), 2),
        // How often a row comes is left open by REDUCED, and so is what a slice of them has.
        offset: kind === "REDUCED" ? fc.constant(undefined) : offsets,
        limit: kind === "REDUCED" ? fc.constant(undefined) : limits,
      }),
    )
    .map(selectQuery);
}

/**
 * Aggregates by the name of their column: `s_of` has the members that a SAMPLE `s` may be, the parts of a GROUP_CONCAT
 * `parts` come in any order, and `least` may be any of those that are equal.
 */
function aggregates({ expressions }: Patterns, calm: boolean): Text {
  const counts = pick(
    "(COUNT(*) AS ?n)",
    "(COUNT(?x) AS ?n)",
    "(COUNT(DISTINCT ?x) AS ?n)",
    "(COUNT(DISTINCT *) AS ?n)",
  );
  const number = calm
    ? pick("IF(BOUND(?x) && isNUMERIC(?x), ?x, 0)")
    : either([3, pick("?x", "?y")], [1, expressions.number(1)]);
  const smallest = calm
    ? pick("IF(BOUND(?x) && isNUMERIC(?x), ?x, 0)", "STR(?a)")
    : either([3, pick("?x", "?y", "?b")], [1, number]);
  return either(
    [4, counts],
    [2, say`(${pick("SUM", "AVG")}(${pick("", "DISTINCT ")}${number}) AS ?n)`],
    [2, say`(${pick("MIN", "MAX")}(${smallest}) AS ?least)`],
    [1, pick("(COUNT(*) * 2 + 1 AS ?n)")],
    [1, pick("(SUM(IF(BOUND(?x), 1, 0)) + COUNT(?a) AS ?n)")],
    ...(calm
      ? []
      : ([
          [1, pick('(SAMPLE(?x) AS ?s) (GROUP_CONCAT(DISTINCT STR(?x); separator="|") AS ?s_of)')],
          [
            1,
            say`(GROUP_CONCAT(${pick("", "DISTINCT ")}${pick("STR(?x)", "STR(?b)", "?x")}; separator="|") AS ?parts)`,
          ],
          [1, pick('(IF(COUNT(*) > 1, MAX(?x), "one") AS ?least)')],
        ] as const)),
  );
}

function groupedSelects(patterns: Patterns, calm: boolean): fc.Arbitrary<RandomQuery> {
  return fc
    .record({
      keys: fc.uniqueArray(pick("?a", "?b", "?r", "?x"), { maxLength: 2 }),
      expression: fc.option(patterns.expressions.any(1), { nil: undefined, freq: 2 }),
      aggregate: aggregates(patterns, calm),
      where: patterns.group(2),
      having: either(
        [3, pick("")],
        [1, pick("HAVING(COUNT(*) > 1)", "HAVING(COUNT(DISTINCT ?x) = 1)")],
        ...(calm ? [] : [[1, pick("HAVING(SUM(?x) > 1)", "HAVING(BOUND(?a))")] as const]),
      ),
      orderByKey: fc.boolean(),
      descending: fc.boolean(),
      limit: limits,
    })
    .map(({ keys, expression, aggregate, where, having, orderByKey, descending, limit }) => {
      const named = expression === undefined ? keys : [...keys, `(${expression} AS ?e)`];
      const shown = expression === undefined ? keys : [...keys, "?e"];
      const counted = /^\((COUNT\(.*\)) AS \?n\)$/.exec(aggregate)?.[1];
      const by = orderByKey ? (shown[0] ?? "?n") : (counted ?? "COUNT(*)");
      return selectQuery({
        head: ["SELECT", ...shown, aggregate].join(" "),
        where,
        grouping: [...(named.length > 0 ? [`GROUP BY ${named.join(" ")}`] : []), having].join(" ").trim(),
        order: named.length === 0 ? [] : [{ expression: by, descending }],
        limit: named.length === 0 ? undefined : limit,
      });
    });
}

function otherForms({ group }: Patterns, calm: boolean): fc.Arbitrary<RandomQuery> {
  const template = several(
    say`${either([3, anyVariable], [1, node], [1, pick("_:new")])} ${either([3, pick(":p", ":made")], [1, pick("?r", ...(calm ? [] : ["?a"]))])} ${either([4, anyVariable], [1, pick("_:new", "1")])}`,
    " . ",
    1,
    2,
  );
  return either(
    [3, say`ASK ${group(2)}`],
    [3, say`CONSTRUCT { ${template} } WHERE ${group(2)}`],
    ...(calm
      ? []
      : ([
          [1, say`DESCRIBE ${node}`],
          [1, say`DESCRIBE ${pick("?a", "?b")} WHERE ${group(1)}`],
        ] as const)),
  ).map(plainQuery);
}

/**
 * Queries of every form over the general worlds. Calm ones keep away from what engines are known to differ about, so
 * that all must agree; wild ones may have anything.
 */
export function queriesOf({ calm }: { readonly calm: boolean }): fc.Arbitrary<RandomQuery> {
  const patterns = patternsOf({ calm });
  return fc
    .oneof(
      { withCrossShrink: true },
      { weight: 6, arbitrary: selects(patterns) },
      { weight: 3, arbitrary: distinctSelects(patterns) },
      { weight: 3, arbitrary: groupedSelects(patterns, calm) },
      { weight: 2, arbitrary: otherForms(patterns, calm) },
    )
    .map((query) => ({ ...query, calm }))
    .filter(({ text, whole }) => [text, whole].every((each) => !isRefusal(parseQuery(each, BASE))));
}
