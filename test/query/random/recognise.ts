import { type Literal, literal, type Quad } from "../../../src/rdf/term.ts";
import type { Answer } from "./answer.ts";
import { valueOf } from "./canonical-term.ts";
import type { RandomQuery } from "./random-query.ts";
import { expand } from "./sparql-text.ts";

/** What a known difference is recognised by. */
export interface Case {
  readonly query: RandomQuery;
  /** The query, and the one that has its whole answer. */
  readonly text: string;
  readonly data: readonly Quad[];
  readonly answer: Answer;
}

/** Whether a difference may be met. */
export type Recognise = (met: Case) => boolean;

export const failed =
  (message: RegExp): Recognise =>
  ({ answer }) =>
    answer.kind === "error" && message.test(answer.message);
export const says =
  (words: RegExp): Recognise =>
  ({ text }) =>
    words.test(text);

/** Whether the query has a path or a pattern over a predicate that no triple has, which Comunica leaves out early. */
export const isPruned: Recognise = ({ text, data }) => {
  const there = new Set(data.map(({ predicate }) => predicate.value));
  return [...text.matchAll(/(?<![\w"])(\w*:[a-z_]+)/g)].some(([, name = ""]) => !there.has(expand(name)));
};

/** Whether the data has numbers or times in forms that Oxigraph does not keep: it stores values. */
export const hasOtherForms: Recognise = ({ data }) =>
  data.some(({ object }) => object.termType === "Literal" && !isKept(object));

/** Whether the data or the query has a literal that its datatype does not have, or may make one. */
export const hasIllTyped: Recognise = ({ text, data }) =>
  /"abc"|-13-|STRDT\(/.test([text, ...data.map(({ object }) => `"${object.value}"`)].join());

/** Whether the data or the query has a text with a language. */
export const hasLanguage: Recognise = ({ text, data }) =>
  /"@|STRLANG/.test(text) || data.some(({ object }) => object.termType === "Literal" && object.language !== "");

/** Whether whole solutions are counted over blank nodes or the steps of a path, which are in no solution (§18.3.1). */
export const hasNamelessInCount: Recognise = says(/COUNT\(DISTINCT \*\).*(\[|_:|[\w)>]\/)/);

/** Whether what is tested for truth may be a text with a language. */
export const isTestedText: Recognise = (met) =>
  /(FILTER|IF|HAVING)\(\??\w+[,)]|![?"]|[?]\w+\)? (&&|\|\|)|(&&|\|\|) [?"]|IF\((COALESCE|STR)|FILTER\((COALESCE|STRLANG)/.test(
    met.text,
  ) && hasLanguage(met);

export const hasDouble: Recognise = ({ text, data }) =>
  /"\^\^xsd:(double|float)|xsd:double\(/.test(text) ||
  data.some(({ object }) => object.termType === "Literal" && /#(double|float)$/.test(object.datatype.value));

export const hasLocalTime: Recognise = ({ text, data }) =>
  /:\d\d"\^\^xsd:dateTime/.test(text) || data.some(({ object }) => /T\d\d:\d\d:\d\d(\.\d+)?$/.test(object.value));

/** Whether a path that may have no length has an end that is in no triple. */
export const hasAbsentEnd: Recognise = ({ text, data }) => {
  if (!/[)\w][*?][ )|/]/.test(text)) return false;
  const there = new Set(data.flatMap(({ subject, object }) => [subject.value, object.value]));
  const named = [...text.matchAll(/<([^>]*)>|(?<![\w"<])(:[a-z]+)/g)].map(([, iri, name = ""]) => iri ?? expand(name));
  return named.some((iri) => !there.has(iri)) || /"|\d/.test(text);
};

const KEPT: Readonly<Record<string, RegExp>> = {
  integer: /^(0|-?[1-9]\d*)$/,
  decimal: /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/,
  boolean: /^(true|false)$/,
  dateTime: /^(?!.*(\.\d*0(?!\d)|[+-]00:00$))/,
};

function isKept({ value, datatype }: Literal): boolean {
  const name = datatype.value.replace(/^.*#/, "");
  if (["long", "nonNegativeInteger"].includes(name)) return false;
  return valueOf(literal(value, datatype)) === undefined || KEPT[name]?.test(value) !== false;
}

/** Whether its terms can stand where they do. */
export function isTriple({ subject, predicate }: Quad): boolean {
  return (subject.termType as string) !== "Literal" && (predicate.termType as string) === "NamedNode";
}
