import { epochMs } from "../../core/instant.ts";
import { domainOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { sterna } from "../../vocab/sterna.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { itemPlaceOf } from "../posts/item-place.ts";

/** LIMIT: posts looked through for what they pass on or quote: the newest of all, and the newest own ones. */
const LOOKED_THROUGH_MAX = 1_000;
/** LIMIT: posts asked for at a time. */
const ASKED_MAX = 20;
/** Each look begins further on, by the clock: looks are about so far apart. */
const TURN_MS = 3_600_000;

/**
 * Looks whether posts that are passed on or quoted here are still where they were fetched, when nobody here follows
 * their authors: then nobody tells of their end. What is gone there is deleted here too, and reposts of it with it.
 * A part at each look. Returns how many were gone.
 */
export async function checkOriginals(hub: HubPorts): Promise<number> {
  if (hub.xmpp.status.kind !== "online") return 0;
  const found = originalsHere(hub.records.reader);
  const turn = Math.floor(epochMs(hub.now()) / TURN_MS) * ASKED_MAX;
  const from = found.length === 0 ? 0 : turn % found.length;
  let gone = 0;
  for (const { graph, author } of [...found.slice(from), ...found.slice(0, from)].slice(0, ASKED_MAX)) {
    if (!(await isGone(hub, graph))) continue;
    const deleted = await hub.records.transact((reader) => {
      const isStill = reader.document(graph)?.kind === "live";
      const by = author === undefined ? {} : { author };
      const tombstone = { graph, deleted: hub.now(), kind: "post", ...by } as const;
      return { changes: isStill ? [{ kind: "document-deleted", tombstone }] : [], result: isStill };
    });
    if (deleted === true) gone++;
  }
  return gone;
}

/** What posts here pass on or quote and was fetched for that; the order stays the same while nothing comes or goes. */
function originalsHere(reader: RecordReader): readonly Document[] {
  const newest = reader.list({ scope: { kind: "all", documentKind: "post" }, limit: LOOKED_THROUGH_MAX });
  const own = reader.list({ scope: { kind: "all", documentKind: "post", origin: "own" }, limit: LOOKED_THROUGH_MAX });
  const originals = new Set([...newest.documents, ...own.documents].flatMap(passedOn));
  return [...originals].toSorted().flatMap((iri) => {
    const stored = reader.document(iri);
    if (stored?.kind !== "live" || stored.document.origin.kind !== "received") return [];
    const { author } = stored.document;
    return author !== undefined && reader.upstream(author) !== undefined ? [] : [stored.document];
  });
}

function passedOn({ graph, quads }: Document): readonly Iri[] {
  return quads.flatMap(({ subject, predicate, object }) => {
    const isOne = predicate.equals(sterna.repostOf) || predicate.equals(sterna.quoteOf);
    return isOne && subject.value === graph && isIri(object.value) ? [object.value] : [];
  });
}

/** Whether the item of a post is not there any more, though its node is; what cannot be asked is not gone. */
async function isGone(hub: HubPorts, post: Iri): Promise<boolean> {
  const place = itemPlaceOf(hub, post);
  if (place === undefined || domainOf(place.jid) === hub.identity.domain) return false;
  const { jid, id } = place;
  const node = place.node as NodeId;
  const items = await hub.xmpp.items(jid, node, { ids: [id] });
  if (isRefusal(items) ? items.code !== "not-found" : items.items.some((item) => item.id === id)) return false;
  return !isRefusal(await hub.xmpp.items(jid, node, { page: { max: 1, order: "creation" } }));
}
