import { bareOf } from "../core/jid.ts";
import { vcard4ToXml, vcardToXml } from "../hub/people/vcard.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { PubsubError } from "../pubsub/reply.ts";
import { askedVer, capsOf, wholeInfo } from "./capabilities.ts";
import type { Addressed, Incoming } from "./decode/incoming.ts";
import { commandToXml, discoInfoToXml, discoItemsToXml, replyToXml } from "./encode/encode.ts";
import { ARCHIVE_FORM, archiveToXml } from "./encode/encode-archive.ts";
import { adHocToXml } from "./encode/encode-command.ts";
import { sparqlToXml } from "./encode/encode-sparql.ts";
import type { XmppHandlers } from "./handlers.ts";

/** What answering needs. */
export interface ReplyContext {
  readonly handlers: XmppHandlers;
  readonly log: Log;
  /** Writes a stanza that comes before the answer. */
  readonly send: (xml: string) => Promise<unknown>;
}

/** What answers a request; whatever is thrown becomes an error the asker gets (RFC 6120 §8.2.3). */
export async function replyTo(
  incoming: Incoming,
  { from, to }: Addressed,
  { handlers, log, send }: ReplyContext,
): Promise<string | PubsubError> {
  const jid = bareOf(to);
  try {
    switch (incoming.kind) {
      case "pubsub": {
        const reply = await handlers.handlePubsub(incoming.request, from);
        return reply.kind === "error" ? reply : replyToXml(reply, incoming.request);
      }
      case "disco-info": {
        const ver = askedVer(incoming.node);
        const info = handlers.describeService(jid, ver === undefined ? incoming.node : undefined);
        if ("kind" in info) return info;
        // Of what was said earlier nothing is kept.
        if (ver !== undefined && capsOf(info)?.ver !== ver) return { kind: "error", condition: "item-not-found" };
        return discoInfoToXml(wholeInfo(info), incoming.node);
      }
      case "disco-items": {
        const list = handlers.listServiceItems(jid, incoming.node, incoming.page, from);
        return "kind" in list ? list : discoItemsToXml(list, incoming.node);
      }
      case "sparql": {
        const reply = await handlers.answerSparql(incoming.question, from, to);
        return reply.kind === "error" ? reply : sparqlToXml(reply);
      }
      case "vcard": {
        const card = handlers.vcard(jid);
        if (card === undefined) return { kind: "error", condition: "item-not-found" };
        return vcardToXml(card);
      }
      case "vcard4": {
        const card = handlers.vcard(jid);
        return card === undefined ? { kind: "error", condition: "item-not-found" } : vcard4ToXml(card);
      }
      case "ping":
        return "";
      case "archive": {
        const reply = await handlers.handlePubsub(incoming.request, from);
        if (reply.kind !== "items") return reply.kind === "error" ? reply : "";
        const { messages, fin } = archiveToXml(reply, incoming, { from: to, to: from });
        // In order: what is found, then that this was all of it.
        for (const message of messages) await send(message);
        return fin;
      }
      case "archive-form":
        return ARCHIVE_FORM;
      case "ad-hoc": {
        const reply = await handlers.runAdHoc(incoming.step, from, to);
        return reply.kind === "error" ? reply : adHocToXml(incoming.step.node, reply);
      }
      case "command-cancelled":
        return commandToXml(incoming.node, incoming.session, "canceled");
      case "refused":
        return incoming.error;
      default:
        return { kind: "error", condition: "service-unavailable" };
    }
  } catch (fault) {
    log.error({ from: bareOf(from), kind: incoming.kind, fault: String(fault) }, "request-failed");
    return { kind: "error", condition: "internal-server-error" };
  }
}
