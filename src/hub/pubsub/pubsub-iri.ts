import type { BareJid } from "../../core/jid.ts";
import type { NodeId } from "../../pubsub/state.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";

/**
 * The `xmpp:` IRI of a PubsubNode, or of one of its items (XEP-0060 §12.21, XEP-0147). The node's colons stay raw:
 * COMPAT: Movim 0.34 takes what follows `;node=` as it stands.
 */
export function pubsubIri(service: BareJid, node: NodeId, item?: string): Iri {
  const of = item === undefined ? "" : `;item=${encodeURIComponent(item)}`;
  return `${jidIri(service)}?;node=${encodeURI(node).replace(/[;?#&]/g, encodeURIComponent)}${of}` as Iri;
}

/** The `xmpp:` IRI of a JID (RFC 5122 §2.2); names stay as they are read, what would end the IRI's path is escaped. */
export function jidIri(jid: BareJid): Iri {
  return `xmpp:${jid.replace(/[^\p{L}\p{N}\p{M}@.:~_!$()*+,;=-]/gu, encodeURIComponent)}` as Iri;
}

/**
 * The bare JID, node and item named by an `xmpp:` IRI, whatever action it asks for (`?follow`, `?pubsub;action=…`); raw
 * and percent-encoded forms both. Undefined when it is none.
 */
export function readPubsubIri(
  text: string,
): { readonly jid: string; readonly node?: string; readonly item?: string } | undefined {
  if (!/^xmpp:/i.test(text) || (text.includes("%") && !isIri(text))) return undefined;
  const path = text.slice(5).replace(/^\/\/[^/]*\//, "");
  const at = path.indexOf("?");
  // A resource is nothing to follow or to read.
  const jid = (at < 0 ? path : path.slice(0, at)).replace(/\/.*$/s, "");
  const query = at < 0 ? "" : path.slice(at + 1);
  if (jid === "") return undefined;
  try {
    const node = /(?:^|;)node=([^;]*)/.exec(query)?.[1];
    const item = /(?:^|;)item=([^;]*)/.exec(query)?.[1];
    return {
      jid: decodeURIComponent(jid),
      ...(node === undefined ? {} : { node: decodeURIComponent(node) }),
      ...(item === undefined ? {} : { item: decodeURIComponent(item) }),
    };
  } catch {
    return undefined;
  }
}
