import type { Account, AccountName } from "../../core/account.ts";
import type { Instant } from "../../core/instant.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { NodeId, PubsubNode } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { Watch, WatchPlace } from "../ports/standing.ts";
import { queued } from "../posts/publish-post.ts";
import { HUB_WRITTEN, nodePut } from "../pubsub/hub-node.ts";
import { watchNode, watchService } from "./watch-entry.ts";

/** The watch that a node of the hub's own domain is of, or would be of. */
export function placeOfNode(node: NodeId | undefined): WatchPlace | undefined {
  const [, account, name] = /^watch\/([^/]+)\/([^/]+)$/.exec(node ?? "") ?? [];
  return account === undefined || name === undefined ? undefined : { account: account as AccountName, name };
}

/** The changes that make the node of a watch, which its account owns and the JIDs linked to it may read. */
export function nodeChanges(hub: HubPorts, account: Account, watch: Watch): readonly RecordChange[] {
  const at = { service: watchService(hub), node: watchNode(watch) };
  const node: PubsubNode = {
    service: at.service,
    id: at.node,
    created: watch.created,
    creator: account.jid,
    config: {
      ...HUB_WRITTEN,
      title: `${watch.name} (${account.displayName})`,
      type: "http://www.w3.org/2005/Atom",
      accessModel: watch.isPublic ? "open" : "whitelist",
    },
  };
  return [
    ...nodePut(node, account.jid),
    ...account.linkedJids.map((jid) => ({
      kind: "affiliation-put" as const,
      ...at,
      jid,
      affiliation: "member" as const,
    })),
  ];
}

/** The changes that take the node of a watch away, and tell its subscribers (XEP-0060 §8.4.2). */
export function nodeRemoval(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  place: WatchPlace,
  now: Instant,
): readonly RecordChange[] {
  const [service, node] = [watchService(hub), watchNode(place)];
  const decision = decide(reader, { kind: "delete", service, node }, { actor: account.jid, now, subid: "" });
  // It is not there any more, or not the account's.
  if (decision.kind === "error") return [{ kind: "node-removed", service, node }];
  return [...decision.changes, ...decision.notifications.map((notification) => queued(notification, now))];
}
