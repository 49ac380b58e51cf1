import { type ListedNode, listedFromXml } from "../../atom/public-lists.ts";
import { epochMs, type Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type BareJid, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE, parseNodeId } from "../../pubsub/configuration.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, type Quad, quad } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";
import { accountOfJid } from "../comments/comment-document.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { FOLLOW_LIST, PUBLIC_SUBSCRIPTIONS } from "../pubsub/kept-list.ts";
import { pubsubIri } from "../pubsub/pubsub-iri.ts";

/** LIMIT: entries of one account's list that are read, and of a page of it. */
const LISTED_MAX = 5_000;
const PAGE = 250;
/** How old a list may be before a catch-up reads it again. */
const FRESH_MS = 6 * 3_600_000;

/** Where this hub keeps what a followed account says to follow. */
export function followListGraph({ service }: Pick<Upstream, "service">): Iri {
  return pubsubIri(service, FOLLOW_LIST);
}

/**
 * Reads whom a followed account says to follow (XEP-0330, else XEP-0465), and keeps it as a document of that account:
 * `sioc:follows` for microblogs, `sioc:subscriber_of` for other nodes. A list that is gone, or is not for us, is
 * forgotten; what cannot be reached stays as it was.
 */
export async function readFollowList(hub: HubPorts, upstream: Upstream, signal?: AbortSignal): Promise<void> {
  const graph = followListGraph(upstream);
  const stored = hub.records.reader.document(graph);
  const read_ms = stored?.kind === "live" ? epochMs(stored.document.received as Instant) : 0;
  if (epochMs(hub.now()) - read_ms < FRESH_MS) return;
  const listed = await listedBy(hub, upstream, signal);
  if (isRefusal(listed)) {
    const isGone = ["not-found", "forbidden", "remote-refused", "not-implemented"].includes(listed.code);
    if (!isGone || stored?.kind !== "live") return;
    await hub.records.transact(() => ({ changes: [{ kind: "document-dropped", graph }], result: undefined }));
    return;
  }
  const document = listDocument(hub, upstream, graph, listed);
  await hub.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined }));
}

/** The microblogs that the public list of a JID says to follow, as accounts. Refuses as the service does. */
export async function listedFollows(
  hub: HubPorts,
  service: BareJid,
  signal?: AbortSignal,
): Promise<readonly Iri[] | Refusal> {
  const listed = await listedBy(hub, { service }, signal);
  if (isRefusal(listed)) return listed;
  const found = listed.flatMap(({ jid, node }) => {
    const followed = node === MICROBLOG_NODE ? parseBareJid(jid) : undefined;
    return followed === undefined || isRefusal(followed) ? [] : [accountOfJid(hub, hub.records.reader, followed)];
  });
  return [...new Set(found)];
}

async function listedBy(
  hub: HubPorts,
  upstream: Pick<Upstream, "service">,
  signal: AbortSignal | undefined,
): Promise<readonly ListedNode[] | Refusal> {
  const listed = await pagesOf(hub, upstream, FOLLOW_LIST, signal);
  const none = isRefusal(listed) && listed.code !== "unavailable" && listed.code !== "timed-out";
  return none ? await pagesOf(hub, upstream, PUBLIC_SUBSCRIPTIONS, signal) : listed;
}

async function pagesOf(
  hub: HubPorts,
  { service }: Pick<Upstream, "service">,
  node: NodeId,
  signal: AbortSignal | undefined,
): Promise<readonly ListedNode[] | Refusal> {
  const found: ListedNode[] = [];
  for (let after: ItemId | undefined; found.length < LISTED_MAX; ) {
    const page = { max: PAGE, order: "creation", ...(after === undefined ? {} : { after }) } as const;
    const answer = await hub.xmpp.items(service, node, { page }, signal);
    if (isRefusal(answer)) return answer;
    for (const { payload } of answer.items) {
      const listed = payload && listedFromXml(payload);
      if (listed !== undefined) found.push(listed);
    }
    const last = answer.items.at(-1)?.id;
    if (answer.complete || last === undefined || last === after) break;
    after = last;
  }
  return found.slice(0, LISTED_MAX);
}

function listDocument(hub: HubPorts, upstream: Upstream, graph: Iri, listed: readonly ListedNode[]): Document {
  const now = hub.now();
  const said = new Map<string, Quad>();
  for (const each of listed) {
    const triple = saidOf(hub, upstream, each);
    if (triple !== undefined) said.set(`${triple.predicate.value} ${triple.object.value}`, triple);
  }
  return {
    graph,
    kind: "other",
    audience: "public",
    origin: { kind: "received", from: upstream.service },
    author: upstream.account,
    created: now,
    received: now,
    quads: [...said.values()],
  };
}

function saidOf(hub: HubPorts, { account }: Upstream, { jid, node }: ListedNode): Quad | undefined {
  const [service, id] = [parseBareJid(jid), parseNodeId(node)];
  if (isRefusal(service) || isRefusal(id)) return undefined;
  const self = namedNode(account);
  if (id === MICROBLOG_NODE) {
    const followed = accountOfJid(hub, hub.records.reader, service);
    return followed === account ? undefined : quad(self, sioc.follows, namedNode(followed));
  }
  const container = pubsubIri(service, id);
  return isIri(container) ? quad(self, sioc.subscriber_of, namedNode(container)) : undefined;
}
