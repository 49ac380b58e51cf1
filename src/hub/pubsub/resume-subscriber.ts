import type { BareJid } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { queued } from "../posts/publish-post.ts";

/**
 * Somebody to whom nothing was sent, since nobody was there for long, is back: tells each of its subscriptions that it
 * goes on, by a notification of the subscription's state (XEP-0060 §8.8.4). What was missed, it pages.
 */
export async function resumeSubscriber(hub: HubPorts, jid: BareJid): Promise<void> {
  await hub.records.transact((reader) => {
    const told = reader.subscriptionsHeldBy(jid).map(({ service, node, jid: to, subid, state }) => {
      const event = { kind: "subscription", jid: to, subid, state } as const;
      return queued({ service, node, event, to: [{ jid: to, subid }] }, hub.now());
    });
    // First, so that they are queued for it.
    return { changes: [{ kind: "destination-removed", name: jid }, ...told], result: undefined };
  });
  hub.log.info({ jid }, "subscriber-resumed");
}
