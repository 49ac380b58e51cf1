import { afterAll, beforeAll, expect, it } from "vitest";
import { isTooDeep } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { type BareJid, bareOf, parseJid } from "../../src/core/jid.ts";
import { updateAccount } from "../../src/hub/accounts/create-account.ts";
import { runAdHoc } from "../../src/hub/chat/ad-hoc.ts";
import { talk } from "../../src/hub/chat/talk.ts";
import { receiveEvent } from "../../src/hub/following/receive-event.ts";
import { receivePresence } from "../../src/hub/people/receive-presence.ts";
import { describeService, listServiceItems } from "../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../src/hub/pubsub/handle-pubsub.ts";
import { answerSparql } from "../../src/hub/queries/xmpp/answer-iq.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { brokenStanzas, SENDER, STANZAS } from "../xmpp/broken-stanzas.ts";
import { must, post } from "./test-hub.ts";
import { follow, openTwoHubs, type TwoHubs } from "./two-hubs.ts";

let hubs: TwoHubs;

beforeAll(async () => {
  hubs = await openTwoHubs();
  await post(hubs.there, hubs.alice, "before");
  await follow(hubs);
  must(await updateAccount(hubs.here.ports, hubs.bob, hubs.bob.account.name, { linkedJids: [SENDER] }));
});
afterAll(() => hubs[Symbol.asyncDispose]());

/** What the component would have the hub do. */
async function handle(stanza: XmlElement): Promise<unknown> {
  const { ports } = hubs.here;
  const addressed = addressesOf(stanza);
  if (addressed === undefined || isTooDeep(stanza)) return undefined;
  const { from, to } = addressed;
  const incoming = decodeStanza(stanza, addressed, { now: ports.now(), newItemId: ports.newItemId });
  switch (incoming.kind) {
    case "pubsub":
    case "pubsub-message":
    case "archive":
      return await handlePubsub(ports, incoming.request, from);
    case "event": {
      // From whom it is followed, so that all of it is read.
      const followed = parseJid(hubs.alice.account.jid);
      return isRefusal(followed) ? undefined : await receiveEvent(ports, { ...incoming.event, from: followed });
    }
    case "chat":
      return await talk(ports, incoming.message);
    case "ad-hoc":
      return await runAdHoc(ports, incoming.step, from, to);
    case "sparql":
      return await answerSparql(ports, incoming.question, from, to);
    case "presence":
      return await receivePresence(ports, incoming.presence);
    case "disco-info":
      return describeService(ports, bareOf(to), incoming.node);
    case "disco-items":
      return listServiceItems(ports, bareOf(to), incoming.node, incoming.page, from);
    default:
      return undefined;
  }
}

it.each(STANZAS.map((xml, n) => [`${n} ${xml.replaceAll(/\s+/g, " ").slice(0, 100)}`, xml] as const))(
  "is handled by the whole hub without a throw, and leaves what others own as it was: %s",
  async (_, xml) => {
    const theirs = () => hubs.here.ports.records.reader.count({ kind: "all", documentKind: "profile" });
    const before = theirs();
    const places = [hubs.bob.account.jid, hubs.here.ports.identity.domain as BareJid];
    let n = 0;
    for (const to of places) {
      for (const [what, stanza] of brokenStanzas(xml.replaceAll("princely_musings", "urn:xmpp:microblog:0"), to)) {
        // A sample, each time another one: all of them were read by the decoder.
        if (n++ % 11 !== 0) continue;
        await handle(stanza).catch((fault: unknown) => {
          throw new Error(`${what}: ${String(fault)}`, { cause: fault });
        });
      }
    }
    expect(theirs()).toBe(before);
    expect(hubs.here.ports.records.reader.account(hubs.bob.account.name)?.jid).toBe(hubs.bob.account.jid);
  },
);
