import { passedOnIn } from "../../atom/post-entry.ts";
import { entryFromXml } from "../../atom/xml.ts";
import { domainOf } from "../../core/jid.ts";
import type { Draft } from "../../core/posts/draft.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, quad } from "../../rdf/term.ts";
import { receivedProfile, resolveAccount } from "../accounts/resolve-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { namedPlace, postAt } from "../posts/item-place.ts";
import { newUpstream } from "./new-upstream.ts";
import { documentOfItem } from "./read-item.ts";

/** LIMIT: posts that are being fetched, or wait for it, at a time; what comes on top is passed over. */
const FETCHES_MAX = 200;

/** What is being fetched by each hub, and the end of its queue: one post is asked for at a time. */
const queues = new WeakMap<HubPorts, { readonly addresses: Set<string>; last: Promise<void> }>();

/**
 * Fetches what posts that have just come in pass on or quote, where it is not here, each from the place its entry
 * names. What cannot be had is left; the post that passes it on has its words.
 */
export async function fetchOriginals(
  hub: HubPorts,
  news: readonly { readonly item: InboundItem; readonly document: Document }[],
): Promise<void> {
  const queue = queues.get(hub) ?? { addresses: new Set<string>(), last: Promise.resolve() };
  queues.set(hub, queue);
  for (const { item, document } of news) {
    const post = document.kind === "post" ? postFromQuads(document.quads, document.graph) : undefined;
    const original = post === undefined || isRefusal(post) ? undefined : (post.repostOf ?? post.quoteOf);
    if (original === undefined || hub.records.reader.document(original) !== undefined) continue;
    const address = addressIn(item) ?? original;
    if (queue.addresses.has(address) || queue.addresses.size >= FETCHES_MAX) continue;
    queue.addresses.add(address);
    queue.last = queue.last
      .then(() => fetchOriginal(hub, document.graph, original, address))
      .catch((fault: unknown) => hub.log.error({ address, fault: String(fault) }, "original-not-fetched"))
      .finally(() => queue.addresses.delete(address));
  }
  await queue.last;
}

/** A draft that names what it passes on or quotes as it is named here, that being fetched where it is not known. */
export async function withOriginal(hub: HubPorts, draft: Draft): Promise<Draft> {
  const key = draft.repostOf === undefined ? "quoteOf" : "repostOf";
  const original = draft[key];
  if (original === undefined || !original.startsWith("xmpp:")) return draft;
  const fetched = await fetchPost(hub, original);
  return isRefusal(fetched) ? draft : { ...draft, [key]: fetched };
}

function addressIn({ payload }: InboundItem): string | undefined {
  const entry = payload === undefined ? undefined : entryFromXml(payload);
  if (entry === undefined || isRefusal(entry)) return undefined;
  const { repost, quote } = passedOnIn(entry);
  return repost ?? quote;
}

async function fetchOriginal(hub: HubPorts, post: Iri, original: Iri, address: string): Promise<void> {
  const fetched = await fetchPost(hub, address);
  if (isRefusal(fetched)) {
    hub.log.warn({ post, address, code: fetched.code, reason: fetched.message }, "original-not-fetched");
  } else if (fetched !== original && post.startsWith("xmpp:")) await rename(hub, post, original, fetched);
}

/** A plain account's entry names an item; where that turned out to have a page, the page's IRI is its name. */
async function rename(hub: HubPorts, post: Iri, from: Iri, to: Iri): Promise<void> {
  await hub.records.transact((reader) => {
    const stored = reader.document(post);
    if (stored?.kind !== "live") return { changes: [], result: undefined };
    const quads = stored.document.quads.map((each) =>
      each.subject.value === post && each.object.value === from
        ? quad(each.subject, each.predicate, namedNode(to))
        : each,
    );
    return { changes: [{ kind: "document-put", document: { ...stored.document, quads } }], result: undefined };
  });
}

/**
 * Fetches one post from its place on XMPP by its item id, and gives the IRI that it has here. Only what the account
 * bound to that place says of its own posts is believed, as of those that are followed. A post that is here, or was
 * deleted, is not asked for.
 */
export async function fetchPost(hub: HubPorts, address: string, signal?: AbortSignal): Promise<Iri | Refusal> {
  const iri = isIri(address) ? postAt(hub, address) : undefined;
  const stored = iri === undefined ? undefined : hub.records.reader.document(iri);
  if (iri !== undefined && stored?.kind === "live") return iri;
  const none = refuse("not-found", `Expected the address of a post, but there is none at "${address.slice(0, 200)}".`);
  const place = namedPlace(address);
  if (stored !== undefined || place === undefined || domainOf(place.jid) === hub.identity.domain) return none;
  const { jid, node, id } = place;
  const found = await sourceAt(hub, place, signal);
  if (isRefusal(found)) return found;
  const answer = await hub.xmpp.items(jid, found.upstream.node, { ids: [id] }, signal);
  if (isRefusal(answer)) return answer;
  const item = answer.items.find((each) => each.id === id && each.payload !== undefined);
  if (item === undefined) return refuse("not-found", `Expected item "${id}" in ${node} at ${jid}, but there is none.`);
  const document = await documentOfItem(hub, found.upstream, item);
  if (isRefusal(document)) return document;
  return await hub.records.transact((reader) => {
    if (reader.document(document.graph)?.kind === "tombstone") return none;
    const { profile } = found;
    const changes: RecordChange[] = [{ kind: "document-put", document }];
    if (profile !== undefined && reader.document(profile.graph) === undefined)
      changes.push({ kind: "document-put", document: profile });
    return { changes, result: document.graph };
  });
}

/** Who speaks at a place: as it is followed here, else as the JID and its page say, both ways. */
async function sourceAt(
  hub: HubPorts,
  { jid, node }: NonNullable<ReturnType<typeof namedPlace>>,
  signal: AbortSignal | undefined,
): Promise<{ readonly upstream: Upstream; readonly profile?: Document } | Refusal> {
  const followed = hub.records.reader.upstreamOf(jid, node as Upstream["node"]);
  if (followed !== undefined && followed.state !== "refused") return { upstream: followed };
  const found = await resolveAccount(hub, `xmpp:${jid}`, signal);
  if (isRefusal(found)) return found;
  if (found.kind === "local") return refuse("not-found", `${jid} is an account of this hub.`);
  const upstream = newUpstream(hub, found);
  if (isRefusal(upstream)) return upstream;
  if (upstream.service !== jid || upstream.node !== node) {
    return refuse("not-the-author", `Expected the posts of ${jid} in ${upstream.node}, but the address names ${node}.`);
  }
  return { upstream, profile: receivedProfile(hub, found) };
}
