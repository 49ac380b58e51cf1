import { isRecord } from "./cli-config.ts";
import { inline } from "./terminal-text.ts";

/** The reactions in an answer or a post of the hub's JSON, such as `🎉 2`; what is no count is passed over. */
export function reactionsIn(value: unknown): readonly string[] {
  const rows = isRecord(value) && Array.isArray(value["reactions"]) ? value["reactions"] : [];
  return rows.flatMap((row: unknown) => {
    if (!isRecord(row) || typeof row["emoji"] !== "string" || typeof row["count"] !== "number") return [];
    return [`${inline(row["emoji"])} ${row["count"]}`];
  });
}
