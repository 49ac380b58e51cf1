import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import { bareOf, type Jid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { isError } from "../../pubsub/access.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { PubsubError, PubsubReply } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import { whyUnmet } from "../../pubsub/settings/node-settings.ts";
import { type AccountWish, updateAccount } from "../accounts/create-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { pubsubError } from "../pubsub/pubsub-refusal.ts";
import { identifiedPicture, publishedBytes } from "./picture.ts";
import { withProfileNode } from "./profile-nodes.ts";
import {
  AVATAR_DATA,
  AVATAR_METADATA,
  avatarDataFromXml,
  avatarDataToXml,
  avatarMetadataFromXml,
  NICK,
  nickFromXml,
  VCARD4_NODE,
  vcard4FromXml,
} from "./profile-payloads.ts";

type Change = PubsubRequest & { readonly kind: "publish" | "retract" | "delete" | "purge" };

/** Whether a request at a profile node would change the profile. */
export function changesProfile(request: PubsubRequest): request is Change {
  return ["publish", "retract", "delete", "purge"].includes(request.kind);
}

/**
 * Changes an account's profile as its person does with their own program: by publishing a name, a picture or a card
 * at the account, or taking it away there. What the account says is published anew from that, so all doors agree.
 */
export async function publishProfile(
  hub: HubPorts,
  account: Account,
  request: Change,
  actor: Jid,
): Promise<PubsubReply | PubsubError> {
  const jid = bareOf(actor);
  if (jid !== account.jid && !account.linkedJids.includes(jid)) {
    const text = `Only ${account.jid} and the JIDs linked to it may change its profile; link yours with \`sterna account set --jid\`.`;
    return { kind: "error", condition: "forbidden", text };
  }
  if (request.kind !== "publish") return await takeAway(hub, account, request);
  const { node, item, options, service } = request;
  const config = hub.records.reader.node(service, node)?.config;
  const unmet = options === undefined || config === undefined ? undefined : whyUnmet(config, options);
  if (unmet !== undefined) return unmet; // XEP-0060 §7.1.5
  if (item === undefined) return { kind: "error", condition: "bad-request", pubsub: "item-required" };
  if (item.payload === "") return { kind: "error", condition: "bad-request", pubsub: "payload-required" };
  if (node === AVATAR_DATA) return await keepBytes(hub, account, request, item);
  const wish = wishOf(hub, account, node, item.payload);
  if (isRefusal(wish)) return { ...pubsubError(wish), pubsub: "invalid-payload" };
  const changed = await change(hub, account, wish);
  return isRefusal(changed) ? pubsubError(changed) : { kind: "published", node, id: item.id };
}

async function change(hub: HubPorts, account: Account, wish: AccountWish): Promise<Account | Refusal> {
  const by = { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account } as const;
  return await updateAccount(hub, by, account.name, wish);
}

function wishOf(hub: HubPorts, account: Account, node: string, payload: string): AccountWish | Refusal {
  if (node === NICK) {
    const displayName = nickFromXml(payload);
    return isRefusal(displayName) ? displayName : { displayName };
  }
  if (node === VCARD4_NODE) return vcard4FromXml(payload);
  const infos = avatarMetadataFromXml(payload);
  if (isRefusal(infos)) return infos;
  if (infos.length === 0) return { picture: undefined };
  for (const { id } of infos) {
    const picture = publishedBytes(hub.records.reader, account, id);
    if (picture !== undefined) return { picture };
  }
  return refuse("invalid", `Expected a picture that was published at ${AVATAR_DATA} before, but there is none.`);
}

/** The bytes come first and mean nothing until the metadata names them (XEP-0084 §3.1). */
async function keepBytes(
  hub: HubPorts,
  account: Account,
  request: Change & { readonly kind: "publish" },
  { id, payload }: { readonly id: ItemId; readonly payload: string },
): Promise<PubsubReply | PubsubError> {
  const bytes = avatarDataFromXml(payload);
  if (isRefusal(bytes)) return { ...pubsubError(bytes), pubsub: "invalid-payload" };
  const picture = identifiedPicture(hub, bytes);
  if (isRefusal(picture)) return { ...pubsubError(picture), pubsub: "invalid-payload" };
  if (picture.id !== id.toLowerCase()) {
    const no = refuse("invalid", `Expected the picture's SHA-1 ${picture.id} as the id of its item, but got "${id}".`);
    return pubsubError(no);
  }
  const kept = await hub.records.transact<PubsubReply | PubsubError>((reader) => {
    const { state, made } = withProfileNode(reader, account, request.node);
    const now = hub.now();
    const item = {
      id: picture.id as string as ItemId,
      payload: avatarDataToXml(Buffer.from(bytes).toString("base64")),
      published: now,
      updated: now,
    };
    const { options: _, ...wanted } = request;
    const decision = decide(state, { ...wanted, item }, { actor: account.jid, now, subid: "" });
    if (isError(decision)) return { changes: [], result: decision };
    return { changes: [...made, ...decision.changes], result: decision.reply };
  });
  return isRefusal(kept) ? pubsubError(kept) : kept;
}

/** A name or picture is taken away by taking out what says it; the card says what is there whatever is done to it. */
async function takeAway(hub: HubPorts, account: Account, { node }: Change): Promise<PubsubReply | PubsubError> {
  if (node === VCARD4_NODE) {
    const text = "The card of an account is made from its profile; publish another one to change it.";
    return { kind: "error", condition: "not-allowed", text };
  }
  const picture = node === AVATAR_METADATA || node === AVATAR_DATA;
  const changed = await change(hub, account, picture ? { picture: undefined } : { displayName: "" });
  return isRefusal(changed) ? pubsubError(changed) : { kind: "done" };
}
