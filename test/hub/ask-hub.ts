import type { XmlElement } from "../../src/atom/xml-element.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { runAdHoc } from "../../src/hub/chat/ad-hoc.ts";
import { describeService, listServiceItems } from "../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../src/hub/pubsub/handle-pubsub.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { commandToXml, discoInfoToXml, discoItemsToXml, replyToXml } from "../../src/xmpp/encode/encode.ts";
import { adHocToXml } from "../../src/xmpp/encode/encode-command.ts";
import { errorToXml } from "../../src/xmpp/encode/stanza-error.ts";
import { parse } from "../pubsub/example-service.ts";
import type { TestHub } from "./test-hub.ts";

/** What a whole hub answers to a request as it stands in a specification, without the head of the IQ. */
export async function ask(hub: TestHub, xml: string): Promise<XmlElement> {
  const stanza = parse(xml);
  const addressed = addressesOf(stanza);
  if (addressed === undefined) throw new Error("no addresses");
  const context = { now: hub.clock.now(), newItemId: () => "made-by-the-service" as ItemId };
  const incoming = decodeStanza(stanza, addressed, context);
  const answer = (inner: string) => parse(`<iq xmlns="jabber:component:accept">${inner}</iq>`);
  const jid = addressed.to as BareJid;
  switch (incoming.kind) {
    case "refused":
      return answer(errorToXml(incoming.error));
    case "command-cancelled":
      return answer(commandToXml(incoming.node, incoming.session, "canceled"));
    case "ad-hoc": {
      const reply = await runAdHoc(hub.ports, incoming.step, addressed.from, addressed.to);
      return answer(reply.kind === "error" ? errorToXml(reply) : adHocToXml(incoming.step.node, reply));
    }
    case "disco-info": {
      const info = describeService(hub.ports, jid, incoming.node);
      return answer("kind" in info ? errorToXml(info) : discoInfoToXml(info, incoming.node));
    }
    case "disco-items": {
      const list = listServiceItems(hub.ports, jid, incoming.node, incoming.page, addressed.from);
      return answer("kind" in list ? errorToXml(list) : discoItemsToXml(list, incoming.node));
    }
    case "pubsub": {
      const reply = await handlePubsub(hub.ports, incoming.request, addressed.from);
      return answer(reply.kind === "error" ? errorToXml(reply) : replyToXml(reply, incoming.request));
    }
    default:
      throw new Error(`It was read as ${incoming.kind}.`);
  }
}
