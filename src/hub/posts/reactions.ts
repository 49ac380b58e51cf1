import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { as } from "../../vocab/as.ts";
import type { ListCursor, RecordReader } from "../ports/records.ts";

/** LIMIT: reactions to one post that are counted, the newest, and those read at a time. */
const REACTIONS_COUNTED_MAX = 5_000;
const REACTIONS_PAGE = 1_000;

/** How many accounts reacted with one emoji. */
export interface ReactionCount {
  readonly emoji: string;
  readonly count: number;
}

/** The reactions to a post as far as this hub knows, the most frequent first. */
export function reactionsTo(reader: RecordReader, post: Iri): readonly ReactionCount[] {
  const scope = { kind: "reference", reference: "reaction-of", target: post } as const;
  const counts = new Map<string, number>();
  let olderThan: ListCursor | undefined;
  for (let read = 0; read < REACTIONS_COUNTED_MAX; read += REACTIONS_PAGE) {
    const page = reader.list({ scope, limit: REACTIONS_PAGE, ...(olderThan === undefined ? {} : { olderThan }) });
    for (const document of page.documents) {
      const emoji = emojiOf(document);
      if (emoji !== undefined) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
    }
    olderThan = page.older;
    if (olderThan === undefined) break;
  }
  return [...counts]
    .map(([emoji, count]) => ({ emoji, count }))
    .sort((a, b) => b.count - a.count || (a.emoji < b.emoji ? -1 : 1));
}

function emojiOf({ graph, quads }: Document): string | undefined {
  return quads.find(({ subject, predicate }) => subject.value === graph && predicate.value === as.content.value)?.object
    .value;
}
