import { LITERAL_TEXTS, NODE_TEXTS, NUMBER_TEXTS, STRING_TEXTS, TIME_TEXTS } from "./random-data.ts";
import { byDepth, either, pick, say, several, type Text } from "./sparql-text.ts";

/** Variables that hold nodes, literals, predicates and what BIND makes; few, so that patterns join. */
export const NODE_VARIABLES = ["?a", "?b", "?c"] as const;
export const VALUE_VARIABLES = ["?x", "?y"] as const;
export const BOUND_VARIABLES = ["?k", "?m"] as const;

export const anyVariable = pick(...NODE_VARIABLES, ...VALUE_VARIABLES, ...BOUND_VARIABLES, "?r");
const valueVariable = either([6, pick(...VALUE_VARIABLES)], [1, anyVariable]);
export const node = pick(...NODE_TEXTS);
export const anyLiteral = pick(...LITERAL_TEXTS);
const comparison = pick("=", "!=", "<", ">", "<=", ">=");

/** Expressions by their kind and by how deep they are nested. */
export interface Expressions {
  readonly number: (depth: number) => Text;
  readonly string: (depth: number) => Text;
  readonly time: (depth: number) => Text;
  readonly test: (depth: number) => Text;
  /** Of any kind. */
  readonly any: (depth: number) => Text;
}

/**
 * The grammar of expressions over the patterns of `group`: each kind mostly with operands that fit, sometimes with ones
 * that do not.
 */
export function wildExpressions(group: (depth: number) => Text): Expressions {
  const number = byDepth((depth): Text => {
    const leaf = either([3, valueVariable], [2, pick(...NUMBER_TEXTS)]);
    if (depth === 0) return leaf;
    const inner = number(depth - 1);
    const [text, moment] = [string(depth - 1), time(depth - 1)];
    return either(
      [4, leaf],
      [3, say`(${inner} ${pick("+", "-", "*", "/")} ${inner})`],
      [1, say`(-${inner})`],
      [1, say`${pick("ABS", "CEIL", "FLOOR", "ROUND")}(${inner})`],
      [2, say`STRLEN(${text})`],
      [1, say`${pick("YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS")}(${moment})`],
      [1, say`IF(${test(depth - 1)}, ${inner}, ${inner})`],
      [1, say`COALESCE(${several(inner, ", ", 1, 3)})`],
      [1, say`${pick("xsd:integer", "xsd:decimal", "xsd:double")}(${any(depth - 1)})`],
      [1, say`${any(depth - 1)}`],
    );
  });
  const string = byDepth((depth): Text => {
    const leaf = either([3, valueVariable], [2, pick(...STRING_TEXTS)], [1, say`STR(${anyVariable})`]);
    if (depth === 0) return leaf;
    const inner = string(depth - 1);
    return either(
      [4, leaf],
      [2, say`STR(${any(depth - 1)})`],
      [1, say`LANG(${any(depth - 1)})`],
      [1, say`STR(DATATYPE(${any(depth - 1)}))`],
      [1, say`CONCAT(${several(inner, ", ", 1, 3)})`],
      [
        1,
        say`SUBSTR(${inner}, ${pick("1", "2", "0", "3")}${either([1, pick("")], [1, say`, ${pick("1", "2", "0")}`])})`,
      ],
      [1, say`${pick("UCASE", "LCASE", "ENCODE_FOR_URI")}(${inner})`],
      [1, say`${pick("STRBEFORE", "STRAFTER")}(${inner}, ${inner})`],
      [1, say`REPLACE(${inner}, ${pick('"a"', '"^."', '"[ab]"', '"(b)"')}, ${pick('"z"', '""', '"<$1>"')})`],
      [1, say`TZ(${time(depth - 1)})`],
      [1, say`STRLANG(${inner}, "en")`],
      [1, say`xsd:string(${any(depth - 1)})`],
      [1, say`IF(${test(depth - 1)}, ${inner}, ${inner})`],
    );
  });
  const time = byDepth(
    (): Text => either([2, valueVariable], [2, pick(...TIME_TEXTS)], [1, say`xsd:dateTime(${valueVariable})`]),
  );
  const any = byDepth((depth): Text => {
    const leaf = either([4, anyVariable], [2, anyLiteral], [1, node]);
    if (depth === 0) return leaf;
    return either(
      [4, leaf],
      [2, number(depth - 1)],
      [2, string(depth - 1)],
      [1, time(depth - 1)],
      [1, say`IRI(${string(depth - 1)})`],
      [1, say`STRDT(${string(depth - 1)}, ${pick("xsd:integer", ":datatype", "xsd:string")})`],
      [1, say`DATATYPE(${any(depth - 1)})`],
      [1, say`COALESCE(${several(any(depth - 1), ", ", 1, 3)})`],
      [3, test(depth - 1)],
    );
  });
  const test = byDepth((depth): Text => {
    const plain = either(
      [
        4,
        say`(${valueVariable} ${comparison} ${either([1, pick(...NUMBER_TEXTS)], [1, valueVariable], [1, anyLiteral])})`,
      ],
      [3, say`(${anyVariable} ${pick("=", "!=")} ${either([1, anyVariable], [1, node])})`],
      [3, say`(${anyVariable} ${pick("!=", "=")} ${anyLiteral})`],
      [2, say`BOUND(${anyVariable})`],
      [2, say`${pick("isIRI", "isBLANK", "isLITERAL", "isNUMERIC")}(${anyVariable})`],
      [1, say`sameTerm(${anyVariable}, ${anyVariable})`],
      [1, pick("true", "false")],
      [1, valueVariable],
    );
    if (depth === 0) return plain;
    const inner = test(depth - 1);
    const text = string(depth - 1);
    return either(
      [5, plain],
      [2, say`(${number(depth - 1)} ${comparison} ${number(depth - 1)})`],
      [1, say`(${text} ${comparison} ${text})`],
      [1, say`(${time(depth - 1)} ${comparison} ${time(depth - 1)})`],
      [1, say`(${any(depth - 1)} ${comparison} ${any(depth - 1)})`],
      [2, say`(${inner} ${pick("&&", "||")} ${inner})`],
      [2, say`(!${inner})`],
      [2, say`(${any(depth - 1)} ${pick("IN", "NOT IN")} (${several(any(depth - 1), ", ", 0, 3)}))`],
      [2, say`${pick("EXISTS", "NOT EXISTS")} ${group(depth - 1)}`],
      [2, say`${pick("CONTAINS", "STRSTARTS", "STRENDS")}(${text}, ${text})`],
      [1, say`REGEX(${text}, ${pick('"a"', '"^b"', '"A"', '"."')}${pick("", ', "i"')})`],
      [1, say`LANGMATCHES(LANG(${valueVariable}), ${pick('"en"', '"*"', '"EN-gb"', '"de"')})`],
    );
  });
  return { number, string, time, test, any };
}

/**
 * Expressions about which engines do not differ: operands are of the kind that an operator is for, and whatever may be
 * of another is asked first.
 */
export function calmExpressions(group: (depth: number) => Text): Expressions {
  const nodeVariable = pick(...NODE_VARIABLES);
  const number = byDepth((depth): Text => {
    const leaf = either(
      [2, pick("1", "2", "10", "0")],
      [2, valueVariable.map((name) => `IF(BOUND(${name}) && isNUMERIC(${name}), ${name}, 0)`)],
      [1, say`STRLEN(STR(${anyVariable}))`],
    );
    if (depth === 0) return leaf;
    return either([2, leaf], [2, say`(${number(depth - 1)} ${pick("+", "-", "*")} ${number(depth - 1)})`]);
  });
  const string = byDepth((depth): Text => {
    const leaf = either([3, say`STR(${anyVariable})`], [1, pick('"a"', '"b"', '""')]);
    if (depth === 0) return leaf;
    const inner = string(depth - 1);
    return either(
      [4, leaf],
      [1, say`CONCAT(${inner}, ${inner})`],
      [1, say`${pick("UCASE", "LCASE")}(${inner})`],
      [1, say`LANG(${valueVariable})`],
      [1, say`${pick("STRBEFORE", "STRAFTER")}(${inner}, ${pick('"a"', '"b"', '"/"')})`],
      [1, say`IF(${test(depth - 1)}, ${inner}, ${inner})`],
    );
  });
  const time = byDepth((): Text => either([1, pick(TIME_TEXTS[0] ?? "")]));
  const any = byDepth((depth): Text => {
    const leaf = either([5, anyVariable], [1, node]);
    if (depth === 0) return leaf;
    return either(
      [4, leaf],
      [1, number(depth - 1)],
      [1, string(depth - 1)],
      [1, say`COALESCE(${anyVariable}, ${leaf})`],
    );
  });
  const test = byDepth((depth): Text => {
    const plain = either(
      [3, say`BOUND(${anyVariable})`],
      [3, say`sameTerm(${anyVariable}, ${either([2, anyVariable], [1, node])})`],
      [2, say`${pick("isIRI", "isBLANK", "isLITERAL", "isNUMERIC")}(${anyVariable})`],
      [2, valueVariable.chain((name) => say`(isNUMERIC(${name}) && ${name} ${comparison} ${pick("1", "2", "1.5")})`)],
      [2, say`(STR(${anyVariable}) ${comparison} ${either([1, pick('"a"', '"b"')], [1, say`STR(${anyVariable})`])})`],
      [1, nodeVariable.chain((name) => say`(isIRI(${name}) && ${name} ${pick("=", "!=")} ${node})`)],
      [1, nodeVariable.chain((name) => say`(isIRI(${name}) && ${name} ${pick("IN", "NOT IN")} (${node}, ${node}))`)],
      [1, pick("true", "false")],
    );
    if (depth === 0) return plain;
    const inner = test(depth - 1);
    const text = string(depth - 1);
    return either(
      [5, plain],
      [2, say`(${number(depth - 1)} ${comparison} ${number(depth - 1)})`],
      [2, say`(${inner} ${pick("&&", "||")} ${inner})`],
      [2, say`(!${inner})`],
      [3, say`${pick("EXISTS", "NOT EXISTS")} ${group(depth - 1)}`],
      [2, say`${pick("CONTAINS", "STRSTARTS", "STRENDS")}(${text}, ${text})`],
      [1, say`REGEX(${text}, ${pick('"a"', '"^b"', '"A"')}${pick("", ', "i"')})`],
      [1, say`LANGMATCHES(LANG(${valueVariable}), ${pick('"en"', '"*"', '"de"')})`],
    );
  });
  return { number, string, time, test, any };
}
