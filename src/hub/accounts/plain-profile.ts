import { DISPLAY_NAME_LENGTH_MAX } from "../../core/account.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Iri } from "../../rdf/iri.ts";
import { identifiedPicture } from "../people/picture.ts";
import {
  AVATAR_DATA,
  AVATAR_METADATA,
  type AvatarInfo,
  avatarDataFromXml,
  avatarMetadataFromXml,
  NICK,
  nickFromXml,
} from "../people/profile-payloads.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { plainAccount } from "./plain-account.ts";
import type { RemoteAccount } from "./resolve-account.ts";

/**
 * An account without a page, with what it says of itself at its own JID: its name (XEP-0172) and its picture (XEP-0084).
 * What it does not say, or shows to others alone, is left out. Refuses when it cannot be reached now.
 */
export async function plainProfile(
  hub: HubPorts,
  jid: BareJid,
  signal?: AbortSignal,
): Promise<RemoteAccount | Refusal> {
  const [named, pictured] = [await newest(hub, jid, NICK, signal), await newest(hub, jid, AVATAR_METADATA, signal)];
  for (const answer of [named, pictured]) if (isRefusal(answer) && isPassing(answer)) return answer;
  const name = isRefusal(named) ? undefined : nameIn(named);
  const picture = isRefusal(pictured) ? undefined : await pictureAddress(hub, jid, pictured, signal);
  return plainAccount(jid, {
    ...(name === undefined ? {} : { name }),
    ...(picture === undefined ? {} : { picture }),
  });
}

/** Whether another answer may come later. */
function isPassing({ code }: Refusal): boolean {
  return code === "timed-out" || code === "unavailable" || code === "remote-unreachable";
}

function nameIn(item: InboundItem | undefined): string | undefined {
  const name = item?.payload === undefined ? undefined : nickFromXml(item.payload);
  return name === undefined || isRefusal(name) || name === "" ? undefined : name.slice(0, DISPLAY_NAME_LENGTH_MAX);
}

/** The picture's address on the web where it has one, else the one it gets here. */
async function pictureAddress(
  hub: HubPorts,
  jid: BareJid,
  item: InboundItem | undefined,
  signal?: AbortSignal,
): Promise<Iri | undefined> {
  const infos = item?.payload === undefined ? [] : avatarMetadataFromXml(item.payload);
  if (isRefusal(infos)) return undefined;
  const onTheWeb = infos.find(({ url }) => url !== undefined)?.url;
  const [first] = infos;
  if (onTheWeb !== undefined || first === undefined) return onTheWeb;
  const kept = await keepPicture(hub, jid, first, signal);
  if (!isRefusal(kept)) return kept;
  hub.log.warn({ from: jid, reason: kept.message }, "picture-refused");
  return undefined;
}

/** Fetches a picture's bytes, unless they are here, and keeps them if they are what their name says. */
async function keepPicture(
  hub: HubPorts,
  jid: BareJid,
  { id }: AvatarInfo,
  signal?: AbortSignal,
): Promise<Iri | Refusal> {
  const address = `${hub.identity.base}api/pictures/${id}` as Iri;
  if (hub.records.reader.picture(id) !== undefined) return address;
  const wanted = { ids: [id as string as ItemId] };
  const answer = await hub.xmpp.items(jid, AVATAR_DATA as NodeId, wanted, signal);
  if (isRefusal(answer)) return answer;
  const payload = answer.items[0]?.payload;
  if (payload === undefined) return refuse("not-found", `Expected a picture ${id} at ${jid}, but there is none.`);
  const bytes = avatarDataFromXml(payload);
  if (isRefusal(bytes)) return bytes;
  const picture = identifiedPicture(hub, bytes);
  if (isRefusal(picture)) return picture;
  if (picture.id !== id) return refuse("remote-refused", `Expected a picture with the SHA-1 ${id}, but got another.`);
  return await hub.records.transact(() => ({
    changes: [{ kind: "picture-put", picture: { id, type: picture.type, bytes } }],
    result: address,
  }));
}

async function newest(
  hub: HubPorts,
  jid: BareJid,
  node: string,
  signal?: AbortSignal,
): Promise<InboundItem | undefined | Refusal> {
  const page = { max: 1, order: "creation" } as const;
  const answer = await hub.xmpp.items(jid, node as NodeId, { page }, signal);
  return isRefusal(answer) ? answer : answer.items[0];
}
