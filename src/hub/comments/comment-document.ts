import type { Entry } from "../../atom/entry.ts";
import { postFromEntry } from "../../atom/entry-post.ts";
import type { AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import { type BareJid, localOf } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { as } from "../../vocab/as.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { xsd } from "../../vocab/xsd.ts";
import { entryPlace, receivedPost } from "../following/read-plain-item.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { postAt } from "../posts/item-place.ts";
import { jidIri } from "../pubsub/pubsub-iri.ts";
import { ancestors } from "./thread.ts";

/** COMPAT: a like of Movim's is a comment that says this and nothing else. */
const HEART = /^(?:♥|❤)\uFE0F?$/u;
/** LIMIT: characters of a name that a comment gives its author. */
const NAME_LENGTH_MAX = 100;

/** An entry of a comments node, with the JID that is known to have published it. */
export interface Comment {
  readonly iri: Iri;
  readonly entry: Entry;
  readonly publisher: BareJid;
  /** The post it is about, and who wrote that. */
  readonly post: Iri;
  readonly postAuthor: Iri | undefined;
  readonly container?: Iri;
}

/** Whether an entry is a like. */
export function isHeart({ title, text = "" }: Entry): boolean {
  return HEART.test(title.trim()) && ["", title.trim()].includes(text.trim());
}

/**
 * The document of a comment: a post that answers the one it is about, or a like of it (`as:Like`). Its author is the
 * account behind the JID that published it, whatever the entry says.
 */
export function commentDocument(hub: HubPorts, reader: RecordReader, comment: Comment): Document | Refusal {
  const { entry, publisher, iri, post, postAuthor, container } = comment;
  const author = accountOfJid(hub, reader, publisher);
  if (isHeart(entry)) return likeDocument(hub, iri, author, comment);
  const place = {
    iri,
    creator: author,
    replyOf: answeredIn(hub, reader, entry, post),
    ...(container === undefined ? {} : { container }),
  };
  const answer = postFromEntry({ ...entry, ...timesOf(hub, entry) }, entryPlace(hub, place));
  if (isRefusal(answer)) return answer;
  const addressedTo = postAuthor === undefined || postAuthor === author ? [] : [postAuthor];
  return receivedPost(hub, { ...answer, addressedTo }, publisher);
}

/** What an entry among the comments on a post answers: another answer in that thread, where it names one, else the post. */
function answeredIn(hub: HubPorts, reader: RecordReader, { inReplyTo }: Entry, post: Iri): Iri {
  const named = [inReplyTo?.href, inReplyTo?.ref].map((address) =>
    address === undefined ? undefined : postAt(hub, address),
  );
  return named.find((iri) => ancestors(reader, iri).some(({ graph }) => graph === post)) ?? post;
}

/** A clock that goes ahead must not put a comment before all to come. */
function timesOf(
  hub: HubPorts,
  { published, updated }: Entry,
): { readonly published: Instant; readonly updated: Instant } {
  const now = hub.now();
  return { published: published > now ? now : published, updated: updated > now ? now : updated };
}

/** The account behind a JID: one of this hub, one that is followed and bound to its page, else the JID itself. */
export function accountOfJid(hub: HubPorts, reader: RecordReader, jid: BareJid): Iri {
  const local = reader.account((localOf(jid) ?? "") as AccountName);
  if (local?.jid === jid) return accountIris(hub.identity.base, local.name).account;
  const upstream = reader.upstreamOf(jid, MICROBLOG_NODE);
  return upstream?.state === "subscribed" ? upstream.account : jidIri(jid);
}

/**
 * What is known of somebody who comments, unless it is known already: their JID, which the servers vouch for, and the
 * name they give themselves.
 */
export function commenterProfile(
  hub: HubPorts,
  reader: RecordReader,
  { publisher, entry }: Pick<Comment, "publisher"> & { readonly entry: Pick<Entry, "authorName"> },
): Document | undefined {
  const author = jidIri(publisher);
  if (accountOfJid(hub, reader, publisher) !== author || reader.document(author)?.kind === "live") return undefined;
  const name = entry.authorName.trim().slice(0, NAME_LENGTH_MAX).toWellFormed();
  const self = namedNode(author);
  const quads = [
    quad(self, rdf.type, sioc.UserAccount),
    quad(self, sioc.name, literal(name === "" ? publisher : name)),
    quad(self, foaf.jabberID, literal(publisher)),
  ];
  const now = hub.now();
  const origin = { kind: "received", from: publisher } as const;
  return { graph: author, kind: "profile", audience: "public", origin, author, created: now, received: now, quads };
}

function likeDocument(
  hub: HubPorts,
  graph: Iri,
  author: Iri,
  { publisher, post, container, entry }: Comment,
): Document {
  // By the heart's own time: what comes again by a catch-up is no news.
  const { updated } = timesOf(hub, entry);
  return {
    graph,
    kind: "other",
    audience: "public",
    origin: { kind: "received", from: publisher },
    author,
    ...(container === undefined ? {} : { container }),
    created: updated,
    received: hub.now(),
    quads: likeQuads(graph, author, post, updated),
  };
}

/** What is said of a like (`as:Like`) by an account of a post. */
export function likeQuads(like: Iri, actor: Iri, post: Iri, at: Instant): readonly Quad[] {
  const self = namedNode(like);
  return [
    quad(self, rdf.type, as.Like),
    quad(self, as.actor, namedNode(actor)),
    quad(self, as.object, namedNode(post)),
    quad(self, as.published, literal(at, xsd.dateTime)),
  ];
}
