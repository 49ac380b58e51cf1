import { writeTerm } from "../src/rdf/ntriples.ts";
import { blankNode, literal, namedNode, type Term } from "../src/rdf/term.ts";
import { xsd } from "../src/vocab/xsd.ts";
import type { Question } from "./sparql-questions.ts";

/** An answer as text that can be compared: rows (or triples) as they came, and what each is ordered by. */
export interface Answer {
  readonly rows: readonly string[];
  readonly keys: readonly string[];
}

/** A term of whichever library, with what all of them have. */
export interface AnyTerm {
  readonly termType: string;
  readonly value: string;
  readonly language?: string;
  readonly datatype?: { readonly value: string };
}

/** An answer of rows. */
export function answerOfRows(rows: Iterable<Iterable<readonly [string, AnyTerm]>>, question: Question): Answer {
  const read = Array.from(rows, (row) => new Map([...row].map(([name, term]) => [name, textOf(term)])));
  return {
    rows: read.map((row) =>
      [...row]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, text]) => `?${name} ${text}`)
        .join(" "),
    ),
    keys: read.map((row) => question.orderedBy.map((name) => row.get(name) ?? "").join(" ")),
  };
}

/** An answer of triples. */
export function answerOfTriples(
  triples: Iterable<{ readonly subject: AnyTerm; readonly predicate: AnyTerm; readonly object: AnyTerm }>,
): Answer {
  const rows = Array.from(triples, ({ subject, predicate, object }) =>
    [subject, predicate, object].map(textOf).join(" "),
  );
  return { rows, keys: rows.map(() => "") };
}

/** An answer of yes or no. */
export function answerOfBoolean(value: boolean): Answer {
  return { rows: [String(value)], keys: [""] };
}

function textOf({ termType, value, language, datatype }: AnyTerm): string {
  return writeTerm(plainTerm({ termType, value, language, datatype }));
}

function plainTerm({
  termType,
  value,
  language,
  datatype,
}: {
  readonly [K in keyof AnyTerm]: AnyTerm[K] | undefined;
}): Term {
  if (termType === "NamedNode") return namedNode(value ?? "");
  if (termType === "BlankNode") return blankNode(value ?? "");
  if (language !== undefined && language !== "") return literal(value ?? "", language);
  // Oxigraph writes times in a form of its own.
  if (datatype?.value === xsd.dateTime.value) return literal(new Date(value ?? "").toISOString(), xsd.dateTime);
  return literal(value ?? "", datatype === undefined ? undefined : namedNode(datatype.value));
}

/**
 * How an answer differs from another one; undefined when it does not. Rows that agree in what they are ordered by may
 * change places, and where a LIMIT cuts through such rows any of them may be those that are left.
 */
export function difference(question: Question, found: Answer, expected: Answer): string | undefined {
  if (found.rows.length !== expected.rows.length) return `${found.rows.length} rows instead of ${expected.rows.length}`;
  const last = found.keys.length < question.limit ? undefined : expected.keys.at(-1);
  const [left, right] = [grouped(found), grouped(expected)];
  for (const [at, key] of found.keys.entries()) {
    if (key !== expected.keys[at]) return `row ${at} is ordered by ${key} instead of ${expected.keys[at]}`;
  }
  for (const [key, rows] of right) {
    const others = left.get(key) ?? [];
    const at = key === last ? -1 : rows.findIndex((row, index) => row !== others[index]);
    if (at >= 0) return `${others[at]}\n  instead of ${rows[at]}`;
  }
  return undefined;
}

function grouped({ rows, keys }: Answer): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [at, row] of rows.entries()) {
    const key = keys[at] ?? "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  for (const group of groups.values()) group.sort();
  return groups;
}
