import type { Entry } from "../../atom/entry.ts";
import { entryToXml } from "../../atom/xml.ts";

/**
 * The entry of an answer as it stands among the comments of what it answers.
 * COMPAT: Movim reads a comment's title as its text.
 */
export function commentPayload(entry: Entry): string {
  const { text, xhtml: _, ...rest } = entry;
  return entryToXml(text === undefined ? rest : { ...rest, title: text });
}
