import { type Refusal, refuse } from "../outcome/refusal.ts";

declare const jidBrand: unique symbol;
declare const bareBrand: unique symbol;

/** A JID with or without a `/resource`, prepared (RFC 7622): compare with `===`. */
export type Jid = string & { readonly [jidBrand]: true };
/** A JID without a resource: `local@domain` or `domain`. */
export type BareJid = Jid & { readonly [bareBrand]: true };

/** LIMIT: RFC 7622 §3.2 to §3.4, each part in bytes of UTF-8. */
export const JID_PART_BYTES_MAX = 1_023;

const LOCAL_FORBIDDEN = /["&'/:<>@\s\p{C}]/u;
const DOMAIN =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?)*|\[[0-9a-f:.]+\])$/u;
const RESOURCE_FORBIDDEN = /\p{Cc}/u;

function refuseJid(text: string): Refusal {
  return refuse("invalid", `Expected a JID such as alice@hub.example, but got "${text.slice(0, 80)}".`);
}

function fits(part: string): boolean {
  return Buffer.byteLength(part) <= JID_PART_BYTES_MAX;
}

/**
 * Reads a JID, full or bare, and prepares it: local part case-folded and NFC (RFC 7622 §3.3), domain lower case
 * without a trailing dot and, when in `xn--` form, kept as given; resource as given in NFC. Refuses with `invalid`.
 */
export function parseJid(text: string): Jid | Refusal {
  const slash = text.indexOf("/");
  const bare = slash < 0 ? text : text.slice(0, slash);
  const resource = slash < 0 ? undefined : text.slice(slash + 1).normalize("NFC");
  const at = bare.indexOf("@");
  const local = at < 0 ? undefined : bare.slice(0, at).normalize("NFKC").toLowerCase().normalize("NFC");
  const domain = bare
    .slice(at + 1)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\.$/, "");
  if (!DOMAIN.test(domain) || !fits(domain)) return refuseJid(text);
  if (local !== undefined && (local === "" || LOCAL_FORBIDDEN.test(local) || !fits(local))) return refuseJid(text);
  if (resource !== undefined && (resource === "" || RESOURCE_FORBIDDEN.test(resource) || !fits(resource))) {
    return refuseJid(text);
  }
  return `${local === undefined ? "" : `${local}@`}${domain}${resource === undefined ? "" : `/${resource}`}` as Jid;
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
