import { domainToUnicode } from "node:url";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { hasRightToLeft, isFreeText, isIdentifier, isReadable, ordinaryWidth } from "./precis.ts";

declare const jidBrand: unique symbol;
declare const bareBrand: unique symbol;

/** A JID with or without a `/resource`, prepared (RFC 7622): compare with `===`. */
export type Jid = string & { readonly [jidBrand]: true };
/** A JID without a resource: `local@domain` or `domain`. */
export type BareJid = Jid & { readonly [bareBrand]: true };

/** LIMIT: RFC 7622 §3.2 to §3.4, each part in bytes of UTF-8; RFC 1035 §2.3.4, a label. */
export const JID_PART_BYTES_MAX = 1_023;
const LABEL_LENGTH_MAX = 63;
/** LIMIT: the longest text looked at: the longest JID of three parts, before its wide forms are made ordinary. */
const TEXT_LENGTH_MAX = 4 * JID_PART_BYTES_MAX;

/** Nearly every JID: prepared already, whatever Unicode says. Its length is looked at by itself. */
const PLAIN = /^(?:[a-z0-9!#$%()*+,\-.;=?[\\\]^_`{|}~]+@)?(?!-)[a-z0-9]+(?:[.-][a-z0-9]+)*(?:\/[\x20-\x7E]+)?$/;
/** In ASCII but to be looked at more closely: hyphens as in A-labels, and what may be a label too long. */
const NOT_SO_PLAIN = /--|[a-z0-9-]{64}/;
/** RFC 7622 §3.3.1. */
const LOCAL_FORBIDDEN = /["&'/:<>@]/;
const LABEL = /^(?!-)[a-z0-9\-\P{ASCII}]+(?<!-)$/u;

function refuseJid(text: string): Refusal {
  return refuse("invalid", `Expected a JID such as alice@hub.example, but got "${text.slice(0, 80)}".`);
}

function fits(part: string): boolean {
  return part !== "" && (part.length * 3 <= JID_PART_BYTES_MAX || Buffer.byteLength(part) <= JID_PART_BYTES_MAX);
}

/**
 * Reads a JID, full or bare, and prepares it (RFC 7622): the local part by UsernameCaseMapped (RFC 8265 §3.3), the
 * domain by IDNA2008, lower case, A-labels as U-labels, without a trailing dot; the resource by OpaqueString (RFC 8265
 * §4.2). Characters that only look alike stay different. Refuses with `invalid`.
 */
export function parseJid(text: string): Jid | Refusal {
  if (text.length * 3 <= JID_PART_BYTES_MAX && PLAIN.test(text) && !NOT_SO_PLAIN.test(text)) return text as Jid;
  if (text.length > TEXT_LENGTH_MAX) return refuseJid(text);
  const slash = text.indexOf("/");
  const bare = slash < 0 ? text : text.slice(0, slash);
  const at = bare.indexOf("@");
  const local = at < 0 ? "" : prepareLocal(bare.slice(0, at));
  const domain = prepareDomain(bare.slice(at + 1));
  const resource = slash < 0 ? "" : prepareResource(text.slice(slash + 1));
  if (local === undefined || domain === undefined || resource === undefined) return refuseJid(text);
  return `${at < 0 ? "" : `${local}@`}${domain}${slash < 0 ? "" : `/${resource}`}` as Jid;
}

function prepareLocal(text: string): string | undefined {
  const local = ordinaryWidth(text).toLowerCase().normalize("NFC");
  if (!fits(local) || LOCAL_FORBIDDEN.test(local) || !isIdentifier(local)) return undefined;
  return hasRightToLeft(local) && !isReadable(local) ? undefined : local;
}

function prepareResource(text: string): string | undefined {
  const resource = text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  return fits(resource) && isFreeText(resource) ? resource : undefined;
}

function prepareDomain(text: string): string | undefined {
  const domain = ordinaryWidth(text).toLowerCase().normalize("NFC").replace(/\.$/, "");
  if (domain.startsWith("[")) return isIpv6(domain) ? domain : undefined;
  const labels = domain.split(".").map(prepareLabel);
  const prepared = labels.filter((label) => label !== undefined);
  if (prepared.length < labels.length || !fits(domain)) return undefined;
  const whole = prepared.join(".");
  // One label from right to left puts all of them under the rule (RFC 5893 §1.4).
  return hasRightToLeft(whole) && !prepared.every(isReadable) ? undefined : whole;
}

/** A label as a U-label, or in ASCII by letters, digits and hyphens (RFC 5890 §2.3). */
function prepareLabel(text: string): string | undefined {
  const isEncoded = text.startsWith("xn--");
  const label = isEncoded ? domainToUnicode(text) : text;
  if (label.length > LABEL_LENGTH_MAX || !LABEL.test(label) || label.slice(2, 4) === "--") return undefined;
  if (/^[a-z0-9-]+$/.test(label)) return isEncoded ? undefined : label;
  return !/^\p{M}/u.test(label) && label.normalize("NFC") === label && isIdentifier(label) ? label : undefined;
}

function isIpv6(text: string): boolean {
  return /^\[[0-9a-f:.]+\]$/.test(text) && URL.canParse(`http://${text}/`);
}

/** Reads a bare JID; a resource is refused. */
export function parseBareJid(text: string): BareJid | Refusal {
  return text.includes("/") ? refuseJid(text) : (parseJid(text) as BareJid | Refusal);
}

/** The JID without its resource. */
export function bareOf(jid: Jid): BareJid {
  const slash = jid.indexOf("/");
  return (slash < 0 ? jid : jid.slice(0, slash)) as BareJid;
}

/** The part before `@`, or undefined for a domain. */
export function localOf(jid: Jid): string | undefined {
  const bare = bareOf(jid);
  const at = bare.indexOf("@");
  return at < 0 ? undefined : bare.slice(0, at);
}

/** The domain part. */
export function domainOf(jid: Jid): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf("@") + 1);
}
