import { listedToXml, publicSubscriptionToXml } from "../../atom/public-lists.ts";
import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Outcome } from "../comments/all-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";
import {
  endList,
  FOLLOW_LIST,
  type KeptList,
  type ListItem,
  listId,
  PUBLIC_SUBSCRIPTIONS,
  putListed,
  takeListed,
  together,
} from "../pubsub/kept-list.ts";
import { listSubscriber } from "../pubsub/public-subscribers.ts";
import { followedAccount, followedBy } from "./list-follows.ts";

/** LIMIT: items of a list read at a time. */
const ITEMS_PAGE = 1_000;

/** A followed account and where it publishes. */
export interface FollowedPlace {
  readonly jid: BareJid;
  readonly node: NodeId;
  readonly title?: string;
}

/**
 * What makes the public lists of an account say whom it follows, beside `more` and without `less`, which are being
 * changed. An account that keeps its follows to itself has no lists, like one that follows nobody (XEP-0465 §8).
 */
export function followLists(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  now: Instant,
  { more, less }: { readonly more?: FollowedPlace | undefined; readonly less?: Iri } = {},
): readonly RecordChange[] {
  const { jid: service, privateFollows } = account;
  const followed = privateFollows === true ? [] : followedPlaces(hub, reader, account, less);
  const isNew = more !== undefined && privateFollows !== true && followed.every(({ jid }) => jid !== more.jid);
  const places = isNew ? [...followed, more] : followed;
  const itemsBy = (toXml: (place: FollowedPlace) => string): readonly ListItem[] =>
    places.map((place) => ({ id: listId(hub, place.jid, place.node, service), payload: toXml(place) }));
  const lists = [
    [{ service, id: FOLLOW_LIST, title: "Whom I follow" }, itemsBy(listedToXml)],
    [{ service, id: PUBLIC_SUBSCRIPTIONS, title: "Public subscriptions" }, itemsBy(publicSubscriptionToXml)],
  ] as const;
  const { changes, notifications } = together([
    ...lists.map(([list, items]) =>
      privateFollows === true ? endList(reader, list, now) : keepList(reader, list, items, now),
    ),
    ...subscribersHere(hub, reader, account, places, now),
  ]);
  return [...changes, ...notifications.map((notification) => queued(notification, now))];
}

function followedPlaces(
  hub: HubPorts,
  reader: RecordReader,
  { name }: Account,
  less: Iri | undefined,
): readonly FollowedPlace[] {
  return followedBy(hub, accountIris(hub.identity.base, name).account)
    .filter((followed) => followed !== less)
    .map((followed) => followedPlace(hub, reader, followed))
    .filter((place) => place !== undefined);
}

/** Where a followed account publishes, when that is on XMPP. */
export function followedPlace(hub: HubPorts, reader: RecordReader, followed: Iri): FollowedPlace | undefined {
  const { jid, displayName } = followedAccount(hub, followed);
  const node = reader.upstream(followed)?.node ?? MICROBLOG_NODE;
  return jid === undefined ? undefined : { jid, node, ...(displayName === undefined ? {} : { title: displayName }) };
}

/** What makes a list hold what is wanted and nothing else. While there is nothing to say no list is made. */
function keepList(reader: RecordReader, list: KeptList, wanted: readonly ListItem[], now: Instant): Outcome {
  const present = payloadsOf(reader, list);
  const ids = new Set(wanted.map(({ id }) => id));
  const news = wanted.filter(({ id, payload }) => present.get(id) !== payload);
  const gone = [...present.keys()].filter((id) => !ids.has(id));
  return together([
    ...news.map((item, at) => putListed(reader, list, item, now, at > 0)),
    ...gone.map((id) => takeListed(reader, list, id, now)),
  ]);
}

function payloadsOf(reader: RecordReader, { service, id }: KeptList): ReadonlyMap<ItemId, string> {
  const found = new Map<ItemId, string>();
  for (let after: ItemId | undefined; ; ) {
    const page = { max: ITEMS_PAGE, order: "creation", ...(after === undefined ? {} : { after }) } as const;
    const items = reader.items(service, id, page)?.items ?? [];
    for (const item of items) found.set(item.id, item.payload);
    after = items.at(-1)?.id;
    if (items.length < ITEMS_PAGE) return found;
  }
}

/** Accounts of this hub that follow one another are public subscribers of each other's posts, without subscribing. */
function subscribersHere(
  hub: HubPorts,
  reader: RecordReader,
  { jid }: Account,
  places: readonly FollowedPlace[],
  now: Instant,
): readonly Outcome[] {
  const followed = new Set(places.map((place) => place.jid));
  return reader
    .accounts()
    .map((account) => ({ service: account.jid, node: MICROBLOG_NODE, jid, listed: followed.has(account.jid) }))
    .map((place) => listSubscriber(hub, reader, place, now));
}

/** Shows everybody whom an account follows, or nobody any more: its follows themselves, and its public lists. */
export function showFollows(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  now: Instant,
): readonly RecordChange[] {
  const iri = accountIris(hub.identity.base, account.name).account;
  const audience = account.privateFollows === true ? { only: iri } : "public";
  const documents: Document[] = [];
  let olderThan: string | undefined;
  do {
    const scope = { kind: "authors", authors: [iri], documentKind: "follow" } as const;
    const more = olderThan === undefined ? {} : { olderThan };
    const page = reader.list({ scope, limit: ITEMS_PAGE, audience: iri, ...more });
    documents.push(...page.documents);
    olderThan = page.older;
  } while (olderThan !== undefined);
  return [
    ...documents.map((document) => ({ kind: "document-put", document: { ...document, audience } }) as const),
    ...followLists(hub, reader, account, now),
  ];
}

/** Makes the public lists of all accounts true: for follows that an import brought, or that are older than the lists. */
export async function keepFollowLists(hub: HubPorts): Promise<void> {
  for (const { name } of hub.records.reader.accounts()) {
    await hub.records.transact((reader) => {
      const account = reader.account(name);
      return { changes: account === undefined ? [] : followLists(hub, reader, account, hub.now()), result: undefined };
    });
  }
}
