import type { Entry } from "../../atom/entry.ts";
import { postToEntry, titleOf } from "../../atom/post-entry.ts";
import type { AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { writeTurtle } from "../../rdf/serialize.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import type { Watch, WatchAnswer, WatchPlace } from "../ports/standing.ts";
import { itemPlaceOf } from "../posts/item-place.ts";
import { viewCreator } from "../posts/post-view.ts";
import { entryOfPost } from "../posts/publish-post.ts";

/** The service of all watches' PubsubNodes: the hub's own domain, where communities are looked for. */
export function watchService(hub: HubPorts): BareJid {
  return hub.identity.domain as BareJid;
}

/** The PubsubNode of a watch. */
export function watchNode({ account, name }: WatchPlace): NodeId {
  return `watch/${account}/${name}` as NodeId;
}

/** The address of a watch: its feed. */
export function watchIri(hub: HubPorts, { account, name }: WatchPlace): Iri {
  return `${accountIris(hub.identity.base, account).profile}/watches/${encodeURIComponent(name)}` as Iri;
}

/** The live post that an answer is about: the first of its values that is one, and that the watch may read. */
export function postOfAnswer(
  reader: RecordReader,
  watch: Watch,
  { values }: WatchAnswer,
  owner: Iri,
): Document | undefined {
  for (const name of watch.variables) {
    const value = values[name];
    if (value === undefined || !isIri(value)) continue;
    const stored = reader.document(value);
    if (stored?.kind !== "live" || stored.document.kind !== "post") continue;
    const { audience } = stored.document;
    if (audience === "public" || (!watch.isPublic && audience.only === owner)) return stored.document;
  }
  return undefined;
}

/** An answer as an Atom entry: the post's own where it is about one, else a small one that says its values. */
export function entryOfAnswer(
  hub: HubPorts,
  reader: RecordReader,
  watch: Watch,
  answer: WatchAnswer,
  found: Instant,
): Entry {
  const owner = accountIris(hub.identity.base, watch.account).account;
  const document = postOfAnswer(reader, watch, answer, owner);
  return (
    (document === undefined ? undefined : entryOfDocument(hub, reader, watch, document)) ??
    plain(hub, reader, watch, answer, found)
  );
}

function entryOfDocument(hub: HubPorts, reader: RecordReader, watch: Watch, document: Document): Entry | undefined {
  const post = postFromQuads(document.quads, document.graph);
  if (isRefusal(post)) return undefined;
  const own = reader.account((accountNameIn(hub.identity.base, document.graph) ?? "") as AccountName);
  if (own !== undefined) return entryOfPost(hub, own, post, document.quads);
  const creator = viewCreator(hub, post.creator);
  const here = { jid: watchService(hub), node: watchNode(watch), id: hub.hash(post.iri).slice(0, 32) as ItemId };
  const place = itemPlaceOf(hub, post.iri) ?? here;
  const turtle = writeTurtle(document.quads, { baseIri: document.graph });
  return postToEntry(post, { ...place, name: creator.name, turtle });
}

function plain(hub: HubPorts, reader: RecordReader, watch: Watch, answer: WatchAnswer, found: Instant): Entry {
  const iri = watchIri(hub, watch);
  const account = reader.account(watch.account);
  const lines = watch.variables.flatMap((name) => {
    const value = answer.values[name];
    return value === undefined ? [] : [`?${name}: ${value}`];
  });
  return {
    id: `${iri}#${answer.item}`,
    title: titleOf(lines.join(", ") || watch.name),
    published: found,
    updated: found,
    authorName: account?.displayName ?? watch.account,
    authorUri: `xmpp:${account?.jid ?? watchService(hub)}`,
    text: lines.join("\n"),
    categories: [],
    links: [{ rel: "alternate", href: iri, type: "application/atom+xml" }],
    ...(answer.triples === undefined ? {} : { rdf: { format: "turtle" as const, text: answer.triples } }),
  };
}
