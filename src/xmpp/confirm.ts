import type { XmlElement } from "../atom/xml-element.ts";
import { escapeText } from "../atom/xml-text.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { Confirmation, ConfirmRequest } from "../hub/ports/xmpp-link.ts";
import { isRefusal, type Refusal } from "../outcome/refusal.ts";
import { attributes } from "./attributes.ts";
import { errorOf } from "./encode/stanza-error.ts";
import type { IqCaller } from "./iq-caller.ts";
import { NS } from "./namespaces.ts";

/** LIMIT: the longest id and thread that somebody sends back. */
const ID_LENGTH_MAX = 200;
/** How a person says no; every other error says that nobody was asked (XEP-0070 §4.6). */
const DENIALS: readonly unknown[] = ["not-authorized", "forbidden", "not-allowed"];
/** What a client answers that does not know XEP-0070, or its server when it is not there. */
const NOT_ASKED: readonly unknown[] = ["service-unavailable", "feature-not-implemented", "recipient-unavailable"];

/**
 * Asks a person whether a request over HTTP is theirs (XEP-0070 §4.5): a client by IQ, until `signal`; a bare JID, and a
 * client that does not know the protocol, by a message that is answered by itself.
 */
export async function askConfirmation(
  caller: IqCaller,
  send: (xml: string) => Promise<undefined | Refusal>,
  from: BareJid,
  to: Jid,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<"granted" | "denied" | "asked" | Refusal> {
  const { id, method, url, thread, words } = request;
  const confirm = `<confirm xmlns="${NS.httpAuth}"${attributes({ id, method, url })}/>`;
  if (to.includes("/")) {
    // It ends with its signal: a person takes longer to answer than a server.
    const answer = await caller.ask(from, to, "get", confirm, signal, Number.POSITIVE_INFINITY);
    if (!isRefusal(answer)) return "granted";
    const condition = answer.detail?.["condition"];
    if (DENIALS.includes(condition)) return "denied";
    if (!NOT_ASKED.includes(condition)) return answer;
  }
  const inner = `<thread>${escapeText(thread)}</thread><body>${escapeText(words)}</body>${confirm}`;
  const no = await send(`<message${attributes({ from, to, type: "normal", id: `confirm-${id}` })}>${inner}</message>`);
  return no ?? "asked";
}

/** Reads a message that confirms or denies a request (XEP-0070 §4.6); undefined for all others. */
export function decodeConfirmation(stanza: XmlElement): Confirmation | undefined {
  const id = stanza.getChild("confirm", NS.httpAuth)?.attrs["id"];
  if (id === undefined || id.length > ID_LENGTH_MAX) return undefined;
  const failed = stanza.attrs["type"] === "error";
  if (failed && !DENIALS.includes(errorOf(stanza).condition)) return undefined;
  const thread = stanza.getChild("thread", stanza.getNS())?.getText();
  return { id, granted: !failed, ...(thread === undefined ? {} : { thread: thread.slice(0, ID_LENGTH_MAX) }) };
}
