import { type Attachments, NO_ATTACHMENTS } from "../../atom/attachments.ts";
import type { Instant } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Emoji } from "../../core/posts/emoji.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { as } from "../../vocab/as.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import { accountOfJid, commenterProfile, likeQuads } from "../comments/comment-document.ts";
import { commentsNode } from "../comments/comments-node.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { postAt } from "../posts/item-place.ts";
import { pubsubIri } from "../pubsub/pubsub-iri.ts";
import type { AttachedItem } from "./attachments-node.ts";

/** What one person attaches to an item: what was there, and what is from now on. */
export interface Saying {
  readonly target: AttachedItem;
  readonly jid: BareJid;
  readonly before: Attachments;
  readonly after: Attachments;
}

/** What a {@link Saying} adds to the counts of its item, or takes from them. */
export interface Tally {
  noticed: number;
  readonly reactions: Map<Emoji, number>;
}

/** The IRI of what an item is: a post by its own name. */
export function objectOf(hub: HubPorts, { jid, node, id }: AttachedItem): Iri {
  // What was imported under an IRI of its own has that as its item id.
  if (node === MICROBLOG_NODE && isIri(id)) return id;
  return postAt(hub, pubsubIri(jid, node, id)) ?? pubsubIri(jid, node, id);
}

/** `as:Like` for noticed, `sterna:Reaction` for each emoji; what is said no longer goes. Counts both into `tally`. */
export function documentChanges(hub: HubPorts, reader: RecordReader, saying: Saying, tally: Tally): RecordChange[] {
  const { target, jid, before, after } = saying;
  const changes: RecordChange[] = [];
  const count = (emoji: Emoji, by: number) => tally.reactions.set(emoji, (tally.reactions.get(emoji) ?? 0) + by);
  const like = likeGraph(hub, target, jid);
  const liked = reader.document(like)?.kind === "live";
  if (liked && after.noticed === undefined) {
    changes.push({ kind: "document-dropped", graph: like });
    tally.noticed--;
  } else if (!liked && after.noticed !== undefined) {
    changes.push({ kind: "document-put", document: attachmentDocument(hub, reader, saying, like) });
    tally.noticed++;
  }
  for (const emoji of before.reactions) {
    if (after.reactions.includes(emoji)) continue;
    changes.push({ kind: "document-dropped", graph: reactionGraph(hub, target, jid, emoji) });
    count(emoji, -1);
  }
  for (const emoji of after.reactions) {
    if (before.reactions.includes(emoji)) continue;
    const graph = reactionGraph(hub, target, jid, emoji);
    changes.push({ kind: "document-put", document: attachmentDocument(hub, reader, saying, graph, emoji) });
    count(emoji, 1);
  }
  const profile = changes.some(({ kind }) => kind === "document-put")
    ? commenterProfile(hub, reader, { publisher: jid, entry: { authorName: "" } })
    : undefined;
  return profile === undefined ? changes : [...changes, { kind: "document-put", document: profile }];
}

/** All that somebody has attached, taken back. */
export function nothingSaid(target: AttachedItem, jid: BareJid, before: Attachments): Saying {
  return { target, jid, before, after: NO_ATTACHMENTS };
}

/** A like is named by who likes, so that one JID likes an item once, whichever way it says so. */
function likeGraph(hub: HubPorts, target: AttachedItem, jid: BareJid): Iri {
  return `${placeOf(target)}#like-${hub.hash(jid).slice(0, 16)}` as Iri;
}

function reactionGraph(hub: HubPorts, target: AttachedItem, jid: BareJid, emoji: Emoji): Iri {
  return `${placeOf(target)}#reaction-${hub.hash(`${jid} ${emoji}`).slice(0, 16)}` as Iri;
}

// A post's comments, where its likes have their names since hearts alone were likes.
function placeOf({ jid, node, id }: AttachedItem): Iri {
  return node === MICROBLOG_NODE ? pubsubIri(jid, commentsNode(id)) : pubsubIri(jid, node, id);
}

function attachmentDocument(
  hub: HubPorts,
  reader: RecordReader,
  { target, jid, after }: Saying,
  graph: Iri,
  emoji?: Emoji,
): Document {
  const now = hub.now();
  const author = accountOfJid(hub, reader, jid);
  const said = (emoji === undefined ? after.noticed?.timestamp : after.reactionsTimestamp) ?? now;
  // A clock that goes ahead says nothing.
  const at = said > now ? now : said;
  const object = objectOf(hub, target);
  return {
    graph,
    kind: "other",
    audience: "public",
    origin: { kind: "received", from: jid },
    author,
    created: now,
    received: now,
    quads: emoji === undefined ? likeQuads(graph, author, object, at) : reactionQuads(graph, author, object, emoji, at),
  };
}

/** What is said of a reaction (`sterna:Reaction`) by an account to a post. */
export function reactionQuads(reaction: Iri, actor: Iri, post: Iri, emoji: Emoji, at: Instant): readonly Quad[] {
  const self = namedNode(reaction);
  return [
    quad(self, rdf.type, sterna.Reaction),
    quad(self, as.actor, namedNode(actor)),
    quad(self, as.object, namedNode(post)),
    quad(self, as.content, literal(emoji)),
    quad(self, as.published, literal(at, xsd.dateTime)),
  ];
}
