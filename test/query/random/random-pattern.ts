import { LINKS, VALUES } from "./random-data.ts";
import {
  anyLiteral,
  anyVariable,
  calmExpressions,
  type Expressions,
  NODE_VARIABLES,
  node,
  VALUE_VARIABLES,
  wildExpressions,
} from "./random-expression.ts";
import { byDepth, either, pick, say, several, type Text } from "./sparql-text.ts";

const nodeVariable = pick(...NODE_VARIABLES);
const subject = either([9, nodeVariable], [1, node]);
const link = pick(...LINKS);

/** A triple pattern. Links join nodes, values end at literals; now and then anything goes. */
const triple = either(
  [6, say`${subject} ${link} ${subject}`],
  [5, say`${subject} ${pick(...VALUES)} ${pick(...VALUE_VARIABLES)}`],
  [1, say`${subject} ${pick(...VALUES)} ${anyLiteral}`],
  [1, say`${subject} ?r ${either([1, nodeVariable], [1, pick(...VALUE_VARIABLES)])}`],
  [1, say`${anyVariable} ${either([2, pick(...VALUES, ...LINKS)], [1, pick("?r")])} ${anyVariable}`],
  [1, say`[] ${link} ${subject}`],
  [1, say`[ ${link} ${subject} ; ${link} ${nodeVariable} ] ${link} ${subject}`],
);

const block = several(triple, " . ", 1, 2);

/** A property path of any form. */
const path = byDepth((depth): Text => {
  const step = either([4, pick(...LINKS, ":n")], [1, say`^${link}`]);
  if (depth === 0) return step;
  const inner = path(depth - 1);
  const negated = either([2, pick(...LINKS, ...VALUES)], [1, say`^${link}`]);
  return either(
    [2, step],
    [3, say`(${inner})${pick("+", "*", "?")}`],
    [2, say`(${inner}/${inner})`],
    [2, say`(${inner}|${inner})`],
    [1, say`(^${inner})`],
    [1, say`!(${several(negated, "|", 1, 3)})`],
  );
});
const wildPathTriple = say`${subject} ${path(2)} ${either([5, subject], [1, anyVariable], [1, anyLiteral])}`;

/** Paths about which engines do not differ: choices only where each end comes once, ends that the data has. */
const calmStep = either([4, link], [1, say`^${link}`], [1, say`(${link}/${link})`]);
const choice = either([1, calmStep], [1, say`(${link}|^${link})`], [1, pick("(:p|:q)")]);
const calmPathTriple = say`${pick("?a", "?b")} ${either(
  [2, say`${choice}+`],
  [2, say`${choice}*`],
  [1, say`${link}?`],
  [2, calmStep],
  [1, say`${link}/${choice}*`],
  [1, say`!(${link}|:n)`],
)} ?c`;

const data = either(
  [2, say`VALUES ${anyVariable} { ${several(either([3, node], [2, anyLiteral], [1, pick("UNDEF")]), " ", 1, 4)} }`],
  [
    1,
    say`VALUES (${pick("?a ?b", "?a ?x", "?x ?y")}) { ${several(
      say`(${either([3, node], [1, anyLiteral], [1, pick("UNDEF")])} ${either([2, node], [2, anyLiteral], [1, pick("UNDEF")])})`,
      " ",
      1,
      3,
    )} }`,
  ],
);

/** The grammar of patterns with the expressions in them. */
export interface Patterns {
  /** A group with its braces, of patterns nested at most `depth` deep. */
  readonly group: (depth: number) => Text;
  readonly expressions: Expressions;
}

/** Patterns; `calm` ones keep away from what engines are known to differ about. */
export function patternsOf({ calm }: { readonly calm: boolean }): Patterns {
  const pathTriple = calm ? calmPathTriple : wildPathTriple;
  const group: (depth: number) => Text = byDepth((depth) => {
    const first = either([6, block], [2, pathTriple]);
    if (depth === 0) return say`{ ${first} }`;
    return say`{ ${either([9, first], [1, piece(depth)])}${several(say` ${piece(depth)}`, "", 0, 2)} }`;
  });
  const expressions = calm ? calmExpressions(group) : wildExpressions(group);
  /** A thing in a group beside its first pattern. */
  const piece = byDepth((depth): Text => {
    const inner = group(depth - 1);
    const test = expressions.test(depth);
    return either(
      [2, say`. ${block}`],
      [4, say`OPTIONAL ${inner}`],
      [2, say`OPTIONAL { ${block} FILTER(${test}) }`],
      [3, say`FILTER(${test})`],
      [3, say`${several(inner, " UNION ", 2, 3)}`],
      [2, say`MINUS ${inner}`],
      [1, say`MINUS { ?d ${link} ?e }`],
      [3, say`BIND(${expressions.any(depth)} AS ${pick("?NEW", "?NEW", "?NEW", "?k", "?m")})`],
      [2, data],
      [2, subselect(depth - 1)],
      [1, inner],
      [2, say`. ${pathTriple}`],
      ...(calm ? [] : [[1, pick("VALUES ?a { }")] as const, [1, say`GRAPH ${pick("?g", ":a")} ${inner}`] as const]),
    );
  });
  /**
   * A select inside a group. One with a LIMIT leaves blank nodes out and orders by all that tells terms apart, so that
   * there is one right answer.
   */
  const subselect = byDepth((depth): Text => {
    const where = group(depth);
    const sum = calm ? "SUM(IF(BOUND(?x) && isNUMERIC(?x), 1, 0))" : "SUM(?x)";
    return either(
      [
        3,
        say`{ SELECT ${pick("", "DISTINCT ")}${several(anyVariable, " ", 1, 2).map(withoutRepeats)} WHERE ${where} }`,
      ],
      [2, pick("?a", "?b", "?x").chain((name) => limited(name, where))],
      [2, pick("?a", "?b").chain((name) => counted(name, where, sum))],
      [1, say`{ SELECT (${pick("COUNT(*)", "COUNT(?x)", `xsd:double(${sum})`)} AS ?NEW) WHERE ${where} }`],
      [1, say`{ SELECT (${expressions.any(Math.min(depth, 1))} AS ?NEW) ${pick("?a", "?x")} WHERE ${where} }`],
    );
  });
  return { group, expressions };
}

function limited(name: string, where: Text): Text {
  const order = `isIRI(${name}) DATATYPE(${name}) LANG(${name}) ${name === "?x" ? `DESC(STR(${name}))` : `STR(${name})`}`;
  const slice = say`LIMIT ${pick("1", "2", "4")}${pick("", " OFFSET 1")}`;
  return say`{ SELECT DISTINCT ${name} WHERE { ${where} FILTER(!isBLANK(${name})) } ORDER BY ${order} ${slice} }`;
}

function counted(name: string, where: Text, sum: string): Text {
  const count = pick("COUNT(*)", "COUNT(DISTINCT ?x)", "COUNT(?b)", sum);
  return say`{ SELECT ${name} (${count} AS ?NEW) WHERE ${where} GROUP BY ${name}${pick("", " HAVING(COUNT(*) > 1)")} }`;
}

function withoutRepeats(names: string): string {
  return [...new Set(names.split(" "))].join(" ");
}
