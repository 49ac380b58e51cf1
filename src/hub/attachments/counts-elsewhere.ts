import { SUMMARY_REACTIONS_MAX, type Summary } from "../../atom/attachments.ts";
import { parseEmoji } from "../../core/posts/emoji.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { literal, type NamedNode, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { as } from "../../vocab/as.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader, Upstream } from "../ports/records.ts";
import { itemPlaceOf } from "../posts/item-place.ts";
import { pubsubIri } from "../pubsub/pubsub-iri.ts";
import { isServiceHere, summaryNode } from "./attachments-node.ts";

/** What is known of who feels what about an item of a summary's upstream. */
export interface Counted {
  readonly upstream: Upstream;
  /** The document's own name: the item of the summary. */
  readonly graph: Iri;
  readonly post: Iri;
  readonly summary: Summary;
}

/**
 * The document of what a service elsewhere says of how many like one of its posts (`as:likes`), and with which emoji how
 * many react to it (`sterna:reactions`): collections with a number (`as:totalItems`), for who they are is not told.
 */
export function countsDocument(hub: HubPorts, { upstream, graph, post, summary }: Counted): Document {
  const now = hub.now();
  const { container, summaryOf } = upstream;
  return {
    graph,
    kind: "other",
    audience: "public",
    origin: { kind: "received", from: upstream.service },
    ...(summaryOf === undefined ? {} : { author: summaryOf.author }),
    ...(container === undefined ? {} : { container }),
    created: now,
    received: now,
    quads: countsQuads(graph, post, summary),
  };
}

function countsQuads(graph: Iri, post: Iri, { noticed, reactions }: Summary): readonly Quad[] {
  const collection = (property: NamedNode, name: string, count: number): readonly Quad[] => {
    const self = namedNode(`${graph}#${name}`);
    return [
      quad(namedNode(post), property, self),
      quad(self, rdf.type, as.Collection),
      quad(self, as.totalItems, literal(String(count), xsd.integer)),
    ];
  };
  const likes = noticed === 0 ? [] : collection(as.likes, "likes", noticed);
  const felt = [...reactions].slice(0, SUMMARY_REACTIONS_MAX).flatMap(([emoji, count], at) => {
    const name = `reactions-${at + 1}`;
    const said = quad(namedNode(`${graph}#${name}`), as.content, literal(emoji));
    return [...collection(sterna.reactions, name, count), said];
  });
  return [...likes, ...felt];
}

/** The counts that a document of {@link countsDocument} says. */
export function countsIn({ quads }: Pick<Document, "quads">): Summary {
  const said = (subject: string, predicate: string): string | undefined =>
    quads.find((each) => each.subject.value === subject && each.predicate.value === predicate)?.object.value;
  let noticed = 0;
  const reactions = new Map<Parameters<Summary["reactions"]["get"]>[0], number>();
  for (const { predicate, object } of quads) {
    const count = Number(said(object.value, as.totalItems.value) ?? 0);
    if (predicate.value === as.likes.value) noticed = count;
    if (predicate.value !== sterna.reactions.value) continue;
    const emoji = parseEmoji(said(object.value, as.content.value) ?? "");
    if (!isRefusal(emoji)) reactions.set(emoji, count);
  }
  return { noticed, reactions };
}

/** What was counted about a post elsewhere, where its service counts; undefined for a post of this hub. */
export function countsAbout(hub: HubPorts, post: Iri): Document | undefined {
  if (post.startsWith(hub.identity.base)) return undefined;
  const place = itemPlaceOf(hub, post);
  if (place === undefined || isServiceHere(hub, place.jid)) return undefined;
  return liveAt(hub.records.reader, pubsubIri(place.jid, summaryNode(place.node as NodeId), place.id));
}

/** The document at `graph` as far as it is live. */
export function liveAt(reader: RecordReader, graph: Iri): Document | undefined {
  const stored = reader.document(graph);
  return stored?.kind === "live" ? stored.document : undefined;
}
