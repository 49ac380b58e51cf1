import type { Account, AccountIris } from "../../core/account.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type PictureFacts, type PictureId, readPicture } from "../../core/picture.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { AVATAR_DATA, avatarDataFromXml } from "./profile-payloads.ts";

/** Where an account's picture is on the web. */
export function pictureAddress({ profile }: Pick<AccountIris, "profile">): Iri {
  return `${profile}/avatar` as Iri;
}

/** What a picture is, with what names it. Refuses what is no picture, see `readPicture`. */
export function identifiedPicture(
  hub: HubPorts,
  bytes: Uint8Array,
): (PictureFacts & { readonly id: PictureId }) | Refusal {
  const facts = readPicture(bytes);
  return isRefusal(facts) ? facts : { ...facts, id: hub.sha1(bytes) as PictureId };
}

/** An account's picture with its bytes in base64; undefined when it has none that is kept here. */
export function accountPicture(
  reader: RecordReader,
  { jid, picture }: Account,
): (PictureFacts & { readonly id: PictureId; readonly data: string }) | undefined {
  if (picture === undefined) return undefined;
  const item = reader.item(jid, AVATAR_DATA as NodeId, picture.id as string as ItemId);
  const data = item === undefined ? undefined : /^<data [^>]*>([^<]*)<\/data>$/.exec(item.payload)?.[1];
  return data === undefined ? undefined : { ...picture, data };
}

/** The bytes of an account's picture and what they are; refuses with `not-found`. */
export function pictureOf(
  hub: HubPorts,
  name: string,
): { readonly facts: PictureFacts & { readonly id: PictureId }; readonly bytes: Uint8Array } | Refusal {
  const account = hub.records.reader.account(name as Account["name"]);
  const picture = account && accountPicture(hub.records.reader, account);
  if (picture === undefined) {
    return refuse("not-found", `Expected a picture of an account, but "${name.slice(0, 80)}" has none here.`);
  }
  const { data, ...facts } = picture;
  return { facts, bytes: new Uint8Array(Buffer.from(data, "base64")) };
}

/** The bytes of a picture that was published and is not named yet (XEP-0084 §3.1, before §3.2). */
export function publishedBytes(reader: RecordReader, { jid }: Account, id: PictureId): Uint8Array | undefined {
  const item = reader.item(jid, AVATAR_DATA as NodeId, id as string as ItemId);
  const bytes = item === undefined ? undefined : avatarDataFromXml(item.payload);
  return bytes === undefined || isRefusal(bytes) ? undefined : bytes;
}
