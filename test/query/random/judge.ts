import { isRefusal } from "../../../src/outcome/refusal.ts";
import { Declined } from "../../../src/query/source/declined.ts";
import { translate } from "../../../src/query/source/translate.ts";
import { parseQuery } from "../../../src/query/syntax/parse-query.ts";
import type { Quad } from "../../../src/rdf/term.ts";
import type { Answer } from "./answer.ts";
import { BASE } from "./bounds.ts";
import { canonical } from "./canonical-term.ts";
import { difference, lineOfRow } from "./compare-answers.ts";
import { KNOWN_DIFFERENCES, type KnownDifference } from "./known-differences.ts";
import { lineOf } from "./random-data.ts";
import type { RandomQuery } from "./random-query.ts";

/** What became of one question. */
export interface Verdict {
  /** Peers whose answer says that the engine's is right. */
  readonly agreed: number;
  /** Known differences that explain why a peer's does not. */
  readonly known: readonly KnownDifference[];
  /** Why the engine's answer is wrong, as far as its peers tell. */
  readonly wrong: readonly string[];
}

export interface Answers {
  readonly engine: Answer;
  readonly comunica: Answer;
  readonly oxigraph: Answer;
}

/** Whether the source leaves a query to Comunica, as a whole. */
export function isDeclined(text: string): boolean {
  const operation = parseQuery(text, BASE);
  try {
    if (!isRefusal(operation)) translate(operation);
    return false;
  } catch (error) {
    return error instanceof Declined;
  }
}

/**
 * Whether SPARQL 1.1 does not say what is right: a BIND inside of EXISTS to a variable that is also bound around it,
 * where §18.6 puts a value in the place of a variable that must stand.
 */
function isLeftOpen(text: string): boolean {
  return text.includes("EXISTS") && ["?k", "?m"].some((name) => text.split(`AS ${name})`).length > 2);
}

/** Holds the engine's answer against those of its peers. */
export function judge(query: RandomQuery, data: readonly Quad[], answers: Answers): Verdict {
  const errors = Object.values(answers).filter(({ kind }) => kind === "error");
  // What two refuse is no query: it gives a variable a value that has one.
  if (isLeftOpen(query.text) || (errors.length >= 2 && answers.oxigraph.kind === "error")) return NOTHING;
  const compared = (["comunica", "oxigraph"] as const)
    .filter((peer) => answers[peer].kind !== "too much")
    .map((peer) => compare(query, data, peer, answers));
  const agreed = compared.filter((each) => each === undefined).length;
  const known = compared.filter((each) => typeof each === "object");
  const wrong = compared.filter((each) => typeof each === "string");
  if (!isDeclined(query.text)) return { agreed, known, wrong };
  // Comunica answers it, over the source or not, and has its own faults; that one peer agrees is all one can ask.
  return { agreed, known, wrong: agreed > 0 || known.length > 0 || answers.engine.kind === "error" ? [] : wrong };
}

const NOTHING: Verdict = { agreed: 0, known: [], wrong: [] };

/** What a peer says of the engine's answer: nothing against it, a known difference, or what is wrong. */
function compare(
  query: RandomQuery,
  data: readonly Quad[],
  peer: "comunica" | "oxigraph",
  answers: Answers,
): KnownDifference | string | undefined {
  const answer = answers[peer];
  const different = difference(query, answers.engine, answer);
  if (different === undefined) return undefined;
  const met = { query, text: `${query.text}\n${query.whole}`, data, answer };
  const explains = (each: KnownDifference): boolean =>
    each.isMet?.(met) === true ||
    (each.mended !== undefined && difference(query, answers.engine, each.mended(met)) === undefined);
  const found = KNOWN_DIFFERENCES.find(
    (each) => each.peer === peer && (!query.calm || each.inCalm === true) && explains(each),
  );
  return found ?? `${peer} differs: ${different}`;
}

/** A question with all answers, to be read. */
export function report(query: RandomQuery, data: readonly Quad[], answers: Answers): string {
  return [
    query.text,
    "--- over",
    ...data.map(lineOf),
    ...Object.entries(answers).map(([who, answer]) => `--- ${who}: ${shown(answer as Answer)}`),
  ].join("\n");
}

function shown(answer: Answer): string {
  switch (answer.kind) {
    case "rows":
      return [`${answer.rows.length} rows`, ...answer.rows.slice(0, 20).map(lineOfRow)].join("\n");
    case "quads":
      return [
        `${answer.quads.length} triples`,
        ...answer.quads
          .slice(0, 20)
          .map((each) => [each.subject, each.predicate, each.object].map(canonical).join(" ")),
      ].join("\n");
    case "boolean":
      return String(answer.value);
    case "error":
    case "too much":
      return `${answer.kind}: ${answer.message}`;
  }
}
