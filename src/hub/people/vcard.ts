import { escapeText } from "../../atom/xml-text.ts";
import type { Account, AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { type BareJid, localOf } from "../../core/jid.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { accountPicture } from "./picture.ts";
import { VCARD4 } from "./profile-payloads.ts";

/** What an address says of its owner. */
export interface Vcard {
  readonly name: string;
  readonly nickname?: string;
  readonly url: string;
  readonly note?: string;
  readonly jid: BareJid;
  /** Where the picture is on the web. */
  readonly picture?: string;
  readonly photo?: { readonly type: string /** Bytes as base64. */; readonly data: string };
}

/** The namespace of XEP-0054. */
export const VCARD = "vcard-temp";

/** The card of an account, or of the hub at its own domain; undefined where nobody is. */
export function vcardOf(hub: HubPorts, jid: BareJid): Vcard | undefined {
  const name = localOf(jid);
  const { base, title, description } = hub.identity;
  if (name === undefined) {
    return { name: title, url: base, jid, ...(description === undefined ? {} : { note: description }) };
  }
  const account = hub.records.reader.account(name as AccountName);
  if (account === undefined) return undefined;
  const picture = accountPicture(hub.records.reader, account);
  return {
    ...vcardOfAccount(base, account),
    ...(picture === undefined ? {} : { photo: { type: picture.type, data: picture.data } }),
  };
}

/** The same without the picture's bytes. */
export function vcardOfAccount(base: Iri, { name, jid, displayName, homepage, bio, image }: Account): Vcard {
  return {
    name: displayName,
    nickname: name,
    url: homepage ?? accountIris(base, name).profile,
    jid,
    ...(bio === undefined ? {} : { note: bio }),
    ...(image === undefined ? {} : { picture: image }),
  };
}

/** As XEP-0054 has it. */
export function vcardToXml({ name, nickname, url, note, jid, photo }: Vcard): string {
  const picture =
    photo === undefined ? "" : `<PHOTO>${element("TYPE", photo.type)}${element("BINVAL", photo.data)}</PHOTO>`;
  const rows = [
    element("FN", name),
    element("NICKNAME", nickname),
    element("URL", url),
    element("DESC", note),
    element("JABBERID", jid),
    picture,
  ];
  return `<vCard xmlns="${VCARD}">${rows.join("")}</vCard>`;
}

/** As RFC 6351 and XEP-0292 have it; the picture is named by its address. */
export function vcard4ToXml({ name, nickname, url, note, jid, picture }: Omit<Vcard, "photo">): string {
  const row = (tag: string, kind: "text" | "uri", value: string | undefined): string =>
    value === undefined ? "" : `<${tag}>${element(kind, value)}</${tag}>`;
  const rows = [
    row("fn", "text", name),
    row("photo", "uri", picture),
    row("nickname", "text", nickname),
    row("url", "uri", url),
    row("note", "text", note),
    row("impp", "uri", `xmpp:${jid}`),
  ];
  return `<vcard xmlns="${VCARD4}">${rows.join("")}</vcard>`;
}

function element(tag: string, text: string | undefined): string {
  return text === undefined ? "" : `<${tag}>${escapeText(text)}</${tag}>`;
}
