import { isRecord } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { textIn } from "../hub-client.ts";
import { inline, type Paint } from "./terminal-text.ts";

const WHO: Readonly<Record<string, string>> = {
  source: "the query source",
  engine: "the general engine",
  both: "the general engine, with parts by the query source",
};

/** How a query was answered, as a tree: each step with how many solutions came (and were thought to come) of it. */
export function explanationText(explanation: unknown, paint: Paint): string {
  if (!isRecord(explanation) || !Array.isArray(explanation["plans"])) {
    throw new CommandEnd(EXIT.refused, "Expected an explanation as JSON, but got something else; is this hub older?");
  }
  const who = textIn(explanation, "answeredBy") ?? "";
  const why = textIn(explanation, "why");
  const lines = [
    `${paint("bold", `${solutionsIn(explanation)} in ${numberIn(explanation, "time_ms")} ms`)} by ${WHO[who] ?? inline(who)}`,
    ...(why === undefined ? [] : [paint("dim", `because of ${inline(why)}`)]),
    ...explanation["plans"].flatMap((plan: unknown) => stepLines(plan, "", "", paint)),
  ];
  return `${lines.join("\n")}\n`;
}

function stepLines(step: unknown, first: string, rest: string, paint: Paint): readonly string[] {
  if (!isRecord(step)) return [];
  const estimate = step["estimate"] === undefined ? "" : `, about ${numberIn(step, "estimate")} expected`;
  const inputs: readonly unknown[] = Array.isArray(step["inputs"]) ? step["inputs"] : [];
  const line = `${first}${inline(textIn(step, "step") ?? "")}  ${paint("dim", `${numberIn(step, "solutions")}${estimate}`)}`;
  const below = inputs.flatMap((input, at) => {
    const isLast = at === inputs.length - 1;
    return stepLines(input, `${rest}${isLast ? "└ " : "├ "}`, `${rest}${isLast ? "  " : "│ "}`, paint);
  });
  return [line, ...below];
}

function solutionsIn(explanation: Readonly<Record<string, unknown>>): string {
  const solutions = numberIn(explanation, "solutions");
  return `${solutions} ${solutions === "1" ? "solution" : "solutions"}`;
}

function numberIn(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name];
  return typeof value === "number" ? value.toLocaleString("en") : "?";
}
