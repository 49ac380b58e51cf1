import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { NodeId, PubsubChange, PubsubNode, PubsubState } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";
import { HUB_WRITTEN, nodePut } from "../pubsub/hub-node.ts";
import { pictureAddress } from "./picture.ts";
import {
  AVATAR_DATA,
  AVATAR_METADATA,
  avatarDataToXml,
  avatarMetadataToXml,
  NICK,
  nickToXml,
  VCARD4_NODE,
} from "./profile-payloads.ts";
import { vcard4ToXml, vcardOfAccount } from "./vcard.ts";

/** The nodes of an account that say what its profile says. */
const PROFILE_NODES: ReadonlyMap<string, { readonly title: string; readonly items: number; readonly told: boolean }> =
  new Map([
    [NICK, { title: "Name", items: 1, told: true }],
    [AVATAR_METADATA, { title: "Picture", items: 1, told: true }],
    // The one that is being replaced stays until the other is named; too large for notifications.
    [AVATAR_DATA, { title: "Picture (bytes)", items: 2, told: false }],
    [VCARD4_NODE, { title: "Card", items: 1, told: true }],
  ]);

/** Items of which there is one have this id. */
const CURRENT = "current" as ItemId;

/** Whether a node of an account says what its profile says. */
export function isProfileNode(id: string | undefined): boolean {
  return id !== undefined && PROFILE_NODES.has(id);
}

/**
 * The changes that make an account's nodes say what the account does, and tell it to whom they are told: its name, its
 * card, its picture. `data` is the picture in base64, where it is new. What is so already is not told again.
 */
export function profileNodeChanges(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  now: Instant,
  data?: string,
): readonly RecordChange[] {
  const { picture, displayName } = account;
  const card = vcard4ToXml(vcardOfAccount(hub.identity.base, account));
  const about =
    picture === undefined
      ? avatarMetadataToXml()
      : avatarMetadataToXml({ ...picture, url: pictureAddress(accountIris(hub.identity.base, account.name)) });
  const hadPicture = newest(reader, account, AVATAR_METADATA) !== undefined;
  return [
    ...said(reader, account, NICK, CURRENT, nickToXml(displayName), now),
    ...said(reader, account, VCARD4_NODE, CURRENT, card, now),
    ...(picture === undefined || data === undefined
      ? []
      : said(reader, account, AVATAR_DATA, itemOf(picture.id), avatarDataToXml(data), now)),
    ...(picture === undefined && !hadPicture
      ? []
      : said(reader, account, AVATAR_METADATA, picture === undefined ? CURRENT : itemOf(picture.id), about, now)),
  ];
}

function itemOf(id: string): ItemId {
  return id as ItemId;
}

function newest(reader: PubsubState, { jid }: Account, node: string) {
  return reader.items(jid, node as NodeId, { max: 1, order: "modification" })?.items[0];
}

function said(
  reader: RecordReader,
  account: Account,
  id: string,
  item: ItemId,
  payload: string,
  now: Instant,
): readonly RecordChange[] {
  const present = newest(reader, account, id);
  if (present?.payload === payload && present.id === item) return [];
  const node = id as NodeId;
  const { state, made } = withProfileNode(reader, account, node);
  const decision = decide(
    state,
    { kind: "publish", service: account.jid, node, item: { id: item, payload, published: now, updated: now } },
    { actor: account.jid, now, subid: "" },
  );
  // Where it cannot be (a configuration of the owner's) the profile is as it is all the same.
  if (decision.kind === "error") return [];
  return [...made, ...decision.changes, ...decision.notifications.map((each) => queued(each, now))];
}

/** The state with one of these nodes, and what puts it where it is not yet. */
export function withProfileNode(
  reader: RecordReader,
  account: Account,
  id: NodeId,
): { readonly state: PubsubState; readonly made: readonly PubsubChange[] } {
  const kind = PROFILE_NODES.get(id);
  if (kind === undefined || reader.node(account.jid, id) !== undefined) return { state: reader, made: [] };
  const { jid: service, created } = account;
  const node: PubsubNode = {
    service,
    id,
    created,
    config: {
      ...HUB_WRITTEN,
      title: kind.title,
      type: id,
      deliverPayloads: kind.told,
      maxItems: kind.items,
      ...(kind.told ? { sendLast: "on_sub_and_presence" } : {}),
    },
  };
  const state: PubsubState = {
    ...reader,
    node: (of, named) => (of === service && named === id ? node : reader.node(of, named)),
    affiliation: (of, named, jid) =>
      of === service && named === id && jid === service ? "owner" : reader.affiliation(of, named, jid),
  };
  return { state, made: nodePut(node) };
}

/** Brings the nodes of all accounts up to what the accounts say: of those made by older versions, or imported. */
export async function keepProfileNodes(hub: HubPorts): Promise<void> {
  for (const account of hub.records.reader.accounts()) {
    if (profileNodeChanges(hub, hub.records.reader, account, hub.now()).length === 0) continue;
    const kept = await hub.records.transact((reader) => {
      const present = reader.account(account.name);
      const changes = present === undefined ? [] : profileNodeChanges(hub, reader, present, hub.now());
      return { changes, result: undefined };
    });
    if (isRefusal(kept)) return;
  }
}
