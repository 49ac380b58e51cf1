import { escapeText, legibleText } from "../atom/xml-text.ts";
import type { BareJid } from "../core/jid.ts";
import type { OutboundPresence } from "../hub/ports/xmpp-link.ts";
import type { Refusal } from "../outcome/refusal.ts";
import type { Caps } from "../pubsub/caps.ts";
import { attributes } from "./attributes.ts";
import { capsOf } from "./capabilities.ts";
import type { ComponentStream } from "./component-stream.ts";
import type { XmppHandlers } from "./handlers.ts";
import { NS } from "./namespaces.ts";

/** How much is written at a time. */
const CHUNK_LENGTH = 64 * 1_024;

/** Writes presence, with what each address can do. */
export class ComponentPresences {
  readonly #stream: ComponentStream;
  readonly #describe: XmppHandlers["describeService"];

  constructor(stream: ComponentStream, describe: XmppHandlers["describeService"]) {
    this.#stream = stream;
    this.#describe = describe;
  }

  async send(presences: readonly OutboundPresence[]): Promise<undefined | Refusal> {
    const caps = new Map<BareJid, Caps | undefined>();
    let chunk = "";
    for (const presence of presences) {
      const { from } = presence;
      if (presence.type === "available" && !caps.has(from)) caps.set(from, this.#capsAt(from));
      chunk += presenceToXml(presence, caps.get(from));
      if (chunk.length < CHUNK_LENGTH) continue;
      const no = await this.#stream.flush(chunk);
      if (no !== undefined) return no;
      chunk = "";
    }
    return chunk === "" ? this.#stream.whyNot() : await this.#stream.flush(chunk);
  }

  #capsAt(jid: BareJid): Caps | undefined {
    const info = this.#describe(jid, undefined);
    return "kind" in info ? undefined : capsOf(info);
  }
}

/** One presence stanza (RFC 6121 §4.7, XEP-0115 §4, XEP-0153 §3.1, XEP-0172 §4.1). */
export function presenceToXml({ from, to, type, nick, photo }: OutboundPresence, caps?: Caps): string {
  const head = `<presence${attributes({ from, to, type: type === "available" ? undefined : type })}`;
  const able = caps === undefined || type !== "available" ? "" : `<c xmlns="${NS.caps}"${attributes({ ...caps })}/>`;
  const picture = photo === undefined ? "" : `<x xmlns="${NS.vcardUpdate}"><photo>${escapeText(photo)}</photo></x>`;
  // The hub's own name is whatever it was configured to, and what XML cannot carry would cost the whole stream.
  const name = nick === undefined ? "" : `<nick xmlns="${NS.nick}">${escapeText(legibleText(nick))}</nick>`;
  const inner = able + picture + name;
  return inner === "" ? `${head}/>` : `${head}>${inner}</presence>`;
}
