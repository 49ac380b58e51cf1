import type { Account } from "../../core/account.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";
import { watchNode, watchService } from "./watch-entry.ts";

/**
 * The changes that let the JIDs which are linked to an account now read its watches, and those that are no more read
 * them no more: a JID that is unlinked loses its subscriptions to what is not public.
 */
export function watchMembers(hub: HubPorts, reader: RecordReader, account: Account): readonly RecordChange[] {
  const now = hub.now();
  const service = watchService(hub);
  return reader.watches(account.name).flatMap((watch): readonly RecordChange[] => {
    const node = watchNode(watch);
    const present = reader.affiliations(service, node).filter(({ affiliation }) => affiliation === "member");
    const members = new Set(present.map(({ jid }) => jid));
    const changes = [
      ...present.flatMap(({ jid }) => (account.linkedJids.includes(jid) ? [] : [{ jid, affiliation: "none" }])),
      ...account.linkedJids.flatMap((jid) => (members.has(jid) ? [] : [{ jid, affiliation: "member" }])),
    ];
    if (changes.length === 0) return [];
    const request = { kind: "node-affiliations", service, node, changes } as const;
    const decision = decide(reader, request, { actor: account.jid, now, subid: "" });
    // Its owner took the node away.
    if (decision.kind === "error") return [];
    return [...decision.changes, ...decision.notifications.map((notification) => queued(notification, now))];
  });
}
