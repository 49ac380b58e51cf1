import type { Entry } from "../../atom/entry.ts";
import { COMMENTS_NODE } from "../../atom/post-entry.ts";
import { entryFromXml, parseXml } from "../../atom/xml.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { isPlain } from "../accounts/plain-account.ts";
import { fetchPost } from "../following/fetch-post.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader, Upstream } from "../ports/records.ts";
import { jidIri, pubsubIri } from "../pubsub/pubsub-iri.ts";
import { descendants } from "./thread.ts";

/** LIMIT: claims that are being checked at a time; what comes on top stays a comment by a JID. */
const CLAIMS_MAX = 200;
/** LIMIT: answers looked through for one that is taken back. */
const ANSWERS_MAX = 1_000;

/** An entry among comments, by whom the service says that it is. */
interface PublishedComment {
  /** The IRI it has as an item of the comments node. */
  readonly graph: Iri;
  readonly publisher: BareJid;
  readonly id: string;
  readonly entry: Entry;
}

const checking = new WeakMap<HubPorts, Set<string>>();

/**
 * Looks whether an answer is the post of a hub that its entry says it is: its publisher's own microblog has it, and the
 * publisher's JID and page name each other. Then that post takes the place of the comment. Who keeps the comments may
 * put any word into any mouth, so nothing but the author's own item is believed. Returns at once.
 */
export function settleClaim(hub: HubPorts, comment: PublishedComment): void {
  const claimed = claimOf(hub, comment);
  const address = pubsubIri(comment.publisher, MICROBLOG_NODE, comment.id);
  const under = checking.get(hub) ?? new Set<string>();
  checking.set(hub, under);
  if (claimed === undefined || under.has(address) || under.size >= CLAIMS_MAX) return;
  under.add(address);
  void settle(hub, comment, claimed, address)
    .catch((fault: unknown) => hub.log.error({ address, fault: String(fault) }, "answer-not-fetched"))
    .finally(() => under.delete(address));
}

/** The same for what somebody has published among the comments here. */
export function settlePublished(
  hub: HubPorts,
  { service, node, item }: PubsubRequest & { readonly kind: "publish" },
  publisher: BareJid,
): void {
  if (item === undefined || !node.startsWith(COMMENTS_NODE)) return;
  const element = parseXml(item.payload);
  const entry = isRefusal(element) ? element : entryFromXml(element);
  if (isRefusal(entry)) return;
  settleClaim(hub, { graph: pubsubIri(service, node, item.id), publisher, id: item.id, entry });
}

/** The IRI of its own that an entry bears, unless what it says is here already. */
function claimOf(hub: HubPorts, { publisher, entry }: PublishedComment): Iri | undefined {
  const { id, rdf, updated } = entry;
  if (rdf === undefined || !isIri(id) || !/^https?:/i.test(id) || id.startsWith(hub.identity.base)) return undefined;
  const stored = hub.records.reader.document(id);
  if (stored === undefined) return id;
  // The edits of whom this hub follows come from there.
  if (stored.kind === "tombstone" || boundUpstream(hub.records.reader, publisher) !== undefined) return undefined;
  return (stored.document.modified ?? stored.document.created) < updated ? id : undefined;
}

async function settle(hub: HubPorts, comment: PublishedComment, claimed: Iri, address: Iri): Promise<void> {
  const fetched = await fetchPost(hub, address);
  if (fetched !== claimed) {
    const why = isRefusal(fetched) ? { code: fetched.code, reason: fetched.message } : { reason: "another post" };
    hub.log.warn({ address, ...why }, "answer-not-fetched");
    return;
  }
  await hub.records.transact((reader) => {
    const stored = reader.document(comment.graph);
    const isSame = stored?.kind === "live" && stored.document.author === jidIri(comment.publisher);
    return {
      changes: isSame ? [{ kind: "document-dropped", graph: comment.graph }] : [],
      result: undefined,
    };
  });
}

/** The upstream of whose page and JID name each other, by the JID. */
function boundUpstream(reader: RecordReader, jid: BareJid): Upstream | undefined {
  const upstream = reader.upstreamOf(jid, MICROBLOG_NODE);
  return upstream?.state === "subscribed" && !isPlain(upstream) ? upstream : undefined;
}

/**
 * The post that an entry among comments is, when its publisher's own microblog is followed here and names it so, or
 * when it was fetched from there.
 */
export function ownPostOf(
  reader: RecordReader,
  { publisher, id, entry }: Omit<PublishedComment, "graph">,
): Iri | undefined {
  const end = `/${encodeURIComponent(id)}`;
  if (!isIri(entry.id) || !entry.id.endsWith(end)) return undefined;
  const upstream = boundUpstream(reader, publisher);
  if (upstream !== undefined) return entry.id === `${upstream.authority}${end.slice(1)}` ? entry.id : undefined;
  const stored = reader.document(entry.id);
  return stored?.kind === "live" && isFrom(stored.document, publisher) ? entry.id : undefined;
}

function isFrom({ origin }: Document, jid: BareJid | undefined): boolean {
  return origin.kind === "received" && (jid === undefined || origin.from === jid);
}

/**
 * The posts that came here as the comment `id` on `post` and go with it: those of accounts that are not followed, for
 * nobody else will tell when they are gone.
 */
export function postsOfComment(reader: RecordReader, post: Iri, id: string, publisher?: BareJid): readonly Iri[] {
  const end = `/${encodeURIComponent(id)}`;
  return descendants(reader, post, ANSWERS_MAX)
    .filter((each) => each.graph.endsWith(end) && /^https?:/i.test(each.graph) && isFrom(each, publisher))
    .filter(({ author }) => author === undefined || reader.upstream(author) === undefined)
    .map(({ graph }) => graph);
}
