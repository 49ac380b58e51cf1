import type { Summary } from "../../atom/attachments.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { as } from "../../vocab/as.ts";
import { type AttachedItem, isServiceHere } from "../attachments/attachments-node.ts";
import { countsAbout, countsIn } from "../attachments/counts-elsewhere.ts";
import { summaryAt } from "../attachments/read-summary.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { itemPlaceOf } from "./item-place.ts";

/** LIMIT: reactions of this hub's accounts to one post elsewhere that are counted, the newest. */
const REACTIONS_COUNTED_MAX = 1_000;

/** How many accounts reacted with one emoji. */
export interface ReactionCount {
  readonly emoji: string;
  readonly count: number;
}

/** The reactions to a post as far as this hub knows, the most frequent first. */
export function reactionsTo(hub: HubPorts, post: Iri): readonly ReactionCount[] {
  const counts = summarised(hub, post) ?? atLeast(counted(hub, post), elsewhere(hub, post)?.reactions);
  return [...counts]
    .map(([emoji, count]) => ({ emoji, count }))
    .sort((a, b) => b.count - a.count || (a.emoji < b.emoji ? -1 : 1));
}

/** How many like a post as far as this hub knows: by name, or as its service counts them. */
export function likesOf(hub: HubPorts, post: Iri): number {
  const known = hub.records.reader.count({ kind: "reference", reference: "like-of", target: post });
  return Math.max(known, elsewhere(hub, post)?.noticed ?? 0);
}

function elsewhere(hub: HubPorts, post: Iri): Summary | undefined {
  const document = countsAbout(hub, post);
  return document && countsIn(document);
}

/** What somebody here said may not be counted over there yet. */
function atLeast(
  known: ReadonlyMap<string, number>,
  told: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const counts = new Map(told);
  for (const [emoji, count] of known) counts.set(emoji, Math.max(count, counts.get(emoji) ?? 0));
  return counts;
}

/** What is published here has its counts at hand: very many may react to it. */
function summarised(hub: HubPorts, post: Iri): ReadonlyMap<string, number> | undefined {
  if (!post.startsWith(hub.identity.base) && !post.startsWith("xmpp:")) return undefined;
  const place = itemPlaceOf(hub, post);
  if (place === undefined || !isServiceHere(hub, place.jid)) return undefined;
  return summaryAt(hub.records.reader, place as AttachedItem)?.reactions ?? new Map();
}

/** Of a post elsewhere the reactions of this hub's own accounts are known. */
function counted({ records }: HubPorts, target: Iri): ReadonlyMap<string, number> {
  const scope = { kind: "reference", reference: "reaction-of", target } as const;
  const counts = new Map<string, number>();
  for (const document of records.reader.list({ scope, limit: REACTIONS_COUNTED_MAX }).documents) {
    const emoji = emojiOf(document);
    if (emoji !== undefined) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  }
  return counts;
}

function emojiOf({ graph, quads }: Document): string | undefined {
  return quads.find(({ subject, predicate }) => subject.value === graph && predicate.value === as.content.value)?.object
    .value;
}
