import { parseXml } from "../../atom/xml.ts";
import type { XmlElement } from "../../atom/xml-element.ts";
import { escapeAttribute, escapeText } from "../../atom/xml-text.ts";
import { PICTURE_BYTES_MAX, PICTURE_TYPES, type PictureFacts, type PictureId } from "../../core/picture.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";

/** The nodes that say who a person is: XEP-0172, XEP-0084, XEP-0292. The first three are namespaces as well. */
export const NICK = "http://jabber.org/protocol/nick";
export const AVATAR_METADATA = "urn:xmpp:avatar:metadata";
export const AVATAR_DATA = "urn:xmpp:avatar:data";
export const VCARD4_NODE = "urn:xmpp:vcard4";
export const VCARD4 = "urn:ietf:params:xml:ns:vcard-4.0";

/** A name to be shown (XEP-0172 §2). */
export function nickToXml(name: string): string {
  return `<nick xmlns="${NICK}">${escapeText(name)}</nick>`;
}

/** The name in a payload; refuses with `malformed` what is none. */
export function nickFromXml(payload: string | XmlElement): string | Refusal {
  const element = rootOf(payload, "nick", NICK);
  return isRefusal(element) ? element : element.getText().trim();
}

/** A picture's bytes (XEP-0084 §4.1). */
export function avatarDataToXml(base64: string): string {
  return `<data xmlns="${AVATAR_DATA}">${base64}</data>`;
}

/** The bytes in a payload. Refuses with `malformed` what is no base64, and with `too-large`. */
export function avatarDataFromXml(payload: string | XmlElement): Uint8Array | Refusal {
  const element = rootOf(payload, "data", AVATAR_DATA);
  if (isRefusal(element)) return element;
  const base64 = element.getText().replaceAll(/\s/g, "");
  if (base64.length > Math.ceil(PICTURE_BYTES_MAX / 3) * 4) {
    return refuse("too-large", `Expected a picture of at most ${PICTURE_BYTES_MAX} bytes, but got more.`);
  }
  if (base64.length === 0 || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    return refuse("malformed", "Expected a picture in base64, but got another text.");
  }
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** What is told of a picture, and where it is on the web; of none, that there is none (XEP-0084 §4.2). */
export function avatarMetadataToXml(picture?: PictureFacts & { readonly id: PictureId; readonly url: string }): string {
  if (picture === undefined) return `<metadata xmlns="${AVATAR_METADATA}"/>`;
  const { id, url, type, bytes, width, height } = picture;
  const said = Object.entries({ id, type, bytes, width, height, url });
  const attributes = said.map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`);
  return `<metadata xmlns="${AVATAR_METADATA}"><info${attributes.join("")}/></metadata>`;
}

/** One picture that metadata tells of. */
export interface AvatarInfo {
  readonly id: PictureId;
  readonly type: string;
  readonly url?: Iri;
}

/** LIMIT: pictures read of one metadata. */
const INFOS_MAX = 20;

/** The pictures that a payload tells of, those of known types; an empty list says that there is none any more. */
export function avatarMetadataFromXml(payload: string | XmlElement): readonly AvatarInfo[] | Refusal {
  const element = rootOf(payload, "metadata", AVATAR_METADATA);
  if (isRefusal(element)) return element;
  const infos = element.getChildren("info", AVATAR_METADATA).slice(0, INFOS_MAX);
  const read = infos.flatMap(({ attrs }): readonly AvatarInfo[] => {
    const { id = "", type = "", url = "" } = attrs;
    if (!/^[0-9a-f]{40}$/i.test(id) || !PICTURE_TYPES.some((known) => known === type)) return [];
    const where = /^https?:/i.test(url) && isIri(url) ? { url } : {};
    return [{ id: id.toLowerCase() as PictureId, type, ...where }];
  });
  if (infos.length > 0 && read.length === 0) {
    return refuse("malformed", "Expected a picture of a known type with its SHA-1 as id, but got none.");
  }
  return read;
}

/** What is read of somebody's card (RFC 6351): what it does not say is left out. */
export interface CardFacts {
  readonly displayName?: string;
  readonly bio?: string;
  readonly homepage?: string;
}

/** The facts of a vCard 4 that a profile has; refuses with `malformed` what is no vCard. */
export function vcard4FromXml(payload: string | XmlElement): CardFacts | Refusal {
  const element = rootOf(payload, "vcard", VCARD4);
  if (isRefusal(element)) return element;
  const value = (tag: string, kind: "text" | "uri"): string | undefined =>
    element.getChild(tag, VCARD4)?.getChildText(kind, VCARD4)?.trim() || undefined;
  const [displayName, bio, homepage] = [value("fn", "text"), value("note", "text"), value("url", "uri")];
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(bio === undefined ? {} : { bio }),
    ...(homepage === undefined ? {} : { homepage }),
  };
}

function rootOf(payload: string | XmlElement, name: string, namespace: string): XmlElement | Refusal {
  const element = typeof payload === "string" ? parseXml(payload) : payload;
  if (isRefusal(element) || element.is(name, namespace)) return element;
  return refuse("malformed", `Expected <${name} xmlns="${namespace}"/>, but got <${element.getName().slice(0, 40)}/>.`);
}
