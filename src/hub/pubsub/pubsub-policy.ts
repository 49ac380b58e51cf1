import type { Account, AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { type BareJid, bareOf, type Jid, localOf } from "../../core/jid.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Notification, PubsubError } from "../../pubsub/reply.ts";
import type { PubsubContext, PubsubRequest } from "../../pubsub/request.ts";
import type { AccessModel, NodeConfig, PubsubChange, PubsubState } from "../../pubsub/state.ts";
import { isReserved } from "../attachments/attachments-node.ts";
import { ALL_COMMENTS } from "../comments/all-comments.ts";
import { followGraph } from "../following/follow-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";

/** What a linked JID asks as the account itself; subscriptions are everybody's own. */
const AS_ACCOUNT: ReadonlySet<PubsubRequest["kind"]> = new Set([
  "items",
  "publish",
  "retract",
  "create",
  "configure",
  "delete",
  "purge",
  "authorize",
  "pending",
  "node-subscriptions",
  "node-affiliations",
]);

/**
 * As whom somebody asks, and whether they may make nodes: at an account its own JIDs, which make nodes by publishing
 * too (XEP-0163 §3); at the hub's own domain everybody who has an account here.
 */
export function standing(
  reader: RecordReader,
  account: Account | undefined,
  request: PubsubRequest,
  actor: Jid,
): Pick<PubsubContext, "actor" | "mayCreate" | "autoCreate"> {
  const jid = bareOf(actor);
  if (account === undefined) return { actor, mayCreate: reader.accountsOfLinkedJid(jid).length > 0 };
  const own = jid === account.jid || account.linkedJids.includes(jid);
  // What one attaches to an item one says oneself: its id is one's own JID.
  const personal =
    (request.kind === "items" && request.subid !== undefined) ||
    (request.kind === "publish" && isReserved(request.node));
  const acting = own && AS_ACCOUNT.has(request.kind) && !personal;
  return { actor: acting ? account.jid : actor, mayCreate: own, autoCreate: own };
}

/** The roster group of those whom an account follows. */
const FOLLOWS = "follows";

/**
 * The state as an account's nodes see it: whom the account follows are its contacts, in the group `follows` (access
 * models `presence` and `roster`), beside those that are kept.
 */
export function withFollows(hub: HubPorts, reader: RecordReader, account: Account): PubsubState {
  return {
    ...reader,
    contact: (service, jid) => {
      const kept = reader.contact(service, jid);
      if (service !== account.jid || !isFollowed(hub, reader, account, jid)) return kept;
      return { groups: [...(kept?.groups ?? []), FOLLOWS] };
    },
  };
}

function isFollowed(hub: HubPorts, reader: RecordReader, account: Account, jid: BareJid): boolean {
  const local = reader.account((localOf(jid) ?? "") as AccountName);
  const followed =
    local?.jid === jid
      ? accountIris(hub.identity.base, local.name).account
      : reader.upstreamOf(jid, MICROBLOG_NODE)?.account;
  return followed !== undefined && reader.document(followGraph(hub, account.name, followed))?.kind === "live";
}

/** What of a microblog's configuration is the hub's: posts are kept until they are deleted, and made by the account. */
const FIXED: readonly (keyof NodeConfig)[] = [
  "type",
  "publishModel",
  "persistItems",
  "maxItems",
  "itemExpire_s",
  "payloadBytes_max",
];

/** Why what was decided cannot be here, though the node's owner wants it. */
export function whyNotHere(
  reader: RecordReader,
  account: Account | undefined,
  request: PubsubRequest,
  changes: readonly PubsubChange[],
): PubsubError | undefined {
  if (account !== undefined) {
    if (request.node === ALL_COMMENTS && !["subscribe", "unsubscribe", "options"].includes(request.kind)) {
      return changes.length === 0 ? undefined : no("not-allowed", "The comments on all posts are gathered by the hub.");
    }
    return request.node === MICROBLOG_NODE ? whyNotAtMicroblog(reader, account, request, changes) : undefined;
  }
  const asksContacts = changes.some(
    (change) => change.kind === "node-put" && CONTACT_MODELS.includes(change.node.config.accessModel),
  );
  if (!asksContacts) return undefined;
  const text =
    "Only accounts have contacts to admit; choose open, authorize or whitelist, or make the node at an account.";
  return { ...no("not-acceptable", text), pubsub: "unsupported-access-model" };
}

/** Access models that ask who somebody is to a person; the hub's own domain is none. */
export const CONTACT_MODELS: readonly AccessModel[] = ["presence", "roster"];

/**
 * Why an account's microblog keeps an owner from what another node would let them do: its items are documents of the
 * hub, which go one by one, and who publishes there is who is linked to the account.
 */
function whyNotAtMicroblog(
  reader: RecordReader,
  account: Account,
  request: PubsubRequest,
  changes: readonly PubsubChange[],
): PubsubError | undefined {
  if (request.kind === "delete" || request.kind === "purge") {
    return no("not-allowed", "The posts of an account are deleted one by one; its microblog stays.");
  }
  const present = reader.node(account.jid, MICROBLOG_NODE)?.config;
  for (const change of changes) {
    if (change.kind === "node-put" && present !== undefined) {
      const moved = FIXED.find((key) => change.node.config[key] !== present[key]);
      if (moved !== undefined) {
        return no("not-acceptable", `The ${moved} of an account's microblog is the hub's; leave it out of the form.`);
      }
    }
    if (change.kind === "affiliation-put") {
      const mayPublish = ["owner", "publisher", "publish-only"].includes(change.affiliation);
      if (mayPublish || change.jid === account.jid || account.linkedJids.includes(change.jid)) {
        const how = "link or unlink the JID with `sterna account set --jid`";
        return no("not-acceptable", `Who may post as ${account.jid} is who is linked to it: ${how}.`);
      }
    }
  }
  return undefined;
}

function no(condition: PubsubError["condition"], text: string): PubsubError {
  return { kind: "error", condition, text };
}

/** What an account is asked or told goes to the people behind it: the JIDs linked to it. */
export function toPeople(reader: RecordReader, notification: Notification): Notification {
  const { kind } = notification.event;
  if (kind !== "authorization" && kind !== "subscription" && kind !== "affiliation") return notification;
  const to = notification.to.flatMap((recipient) => {
    const name = localOf(recipient.jid);
    const account = name === undefined ? undefined : reader.account(name as AccountName);
    if (account === undefined || account.jid !== bareOf(recipient.jid)) return [recipient];
    return account.linkedJids.map((jid) => ({ ...recipient, jid }));
  });
  return { ...notification, to };
}
