import { isRecord } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { textIn } from "../hub-client.ts";
import { columns, countOf, inline, type Paint } from "./terminal-text.ts";

/** LIMIT: the widest column of a table. */
const COLUMN_MAX = 60;

/**
 * SPARQL results in JSON as a table with a line of its own for how many rows there are, or `yes` or `no` of an ASK. Safe
 * to print. Ends with `refused` what is no object, as an answer that was cut off.
 */
export function resultsText(results: unknown, paint: Paint): string {
  if (!isRecord(results))
    throw new CommandEnd(EXIT.refused, "Expected SPARQL results as JSON, but the answer was cut off; try again.");
  if (typeof results["boolean"] === "boolean") return `${results["boolean"] ? "yes" : "no"}\n`;
  const head =
    isRecord(results["head"]) && Array.isArray(results["head"]["vars"]) ? results["head"]["vars"].map(String) : [];
  const bindings =
    isRecord(results["results"]) && Array.isArray(results["results"]["bindings"]) ? results["results"]["bindings"] : [];
  const rows = bindings.map((row: unknown) => head.map((name) => cellText(isRecord(row) ? row[name] : undefined)));
  return tableText(head.map(inline), rows, paint);
}

function cellText(term: unknown): string {
  const value = inline(textIn(term, "value") ?? "");
  const language = textIn(term, "xml:lang");
  const shown =
    columns(value) > COLUMN_MAX && textIn(term, "type") !== "uri" ? `${cut(value, COLUMN_MAX - 1)}…` : value;
  return language === undefined ? shown : `${shown} @${inline(language)}`;
}

/** The beginning of a line, at most `width` columns wide, never within a sign that people see as one. */
function cut(text: string, width: number): string {
  let out = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (columns(out) + columns(segment) > width) break;
    out += segment;
  }
  return out.startsWith("\u2068") && !out.endsWith("\u2069") ? `${out}\u2069` : out;
}

function tableText(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = head.map((name, at) =>
    rows.reduce((width, row) => Math.max(width, columns(row[at] ?? "")), columns(name)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - columns(cell))))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  const count = paint("dim", countOf(rows.length, "row"));
  return [paint("bold", line(head)), rule, ...rows.map(line), count, ""].join("\n");
}
