import { type BareJid, bareOf, domainOf, type Jid, localOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { decideContactGone } from "../../pubsub/decide/decide-presence.ts";
import { lastItemsOnPresence } from "../../pubsub/notify.ts";
import type { PubsubState } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import type { InboundPresence, OutboundPresence } from "../ports/xmpp-link.ts";
import { queued } from "../posts/publish-post.ts";
import { nodesOf } from "../pubsub/nodes-of.ts";
import { asking, available, type Presentity, presentityAt } from "./own-presence.ts";
import { admitsPresence, presenceBook } from "./presence-book.ts";
import { resolveInterests } from "./resolve-interests.ts";

/** LIMIT: contacts of one account, or of the hub's domain. */
const CONTACTS_MAX = 100_000;

/**
 * Takes presence in (RFC 6121 chapters 3 and 4). An account is public: whoever subscribes may, is told at once that it
 * is there, and is asked for their own presence once, which tells what they want to be told of (XEP-0163). A flood is
 * cut short.
 */
export async function receivePresence(hub: HubPorts, presence: InboundPresence): Promise<void> {
  const jid = bareOf(presence.from);
  if (domainOf(jid) === hub.identity.domain || !admitsPresence(hub, jid)) return;
  const presentity = presentityAt(hub, hub.records.reader, presence.to);
  switch (presence.type) {
    case "subscribe":
      return presentity === undefined ? await decline(hub, presence) : await admit(hub, presentity, jid);
    case "unsubscribe":
      return presentity === undefined ? undefined : await letGo(hub, presentity, jid);
    case "probe": {
      // RFC 6121 §4.3.2: who is not subscribed is told so.
      const known = presentity !== undefined && hub.records.reader.contact(presentity.jid, jid) !== undefined;
      return known ? await send(hub, [available(presentity, presence.from)]) : await decline(hub, presence);
    }
    case "subscribed":
      if (presentity !== undefined) askAgain(hub, presentity, jid);
      return;
    case "unsubscribed":
    case "error":
      presenceBook(hub).forget(presence.to, jid);
      return;
    case "unavailable":
      presenceBook(hub).gone(presence.to, presence.from);
      return;
    case "available":
      if (presentity !== undefined && isKnown(hub.records.reader, presentity.jid, jid)) {
        await takeAvailable(hub, presentity.jid, presence);
      }
  }
}

async function send(hub: HubPorts, presences: readonly OutboundPresence[]): Promise<void> {
  const no = await hub.xmpp.sendPresence(presences);
  if (isRefusal(no)) hub.log.warn({ to: presences[0]?.to, reason: no.message }, "presence-not-sent");
}

async function decline(hub: HubPorts, { from, to }: Pick<InboundPresence, "from" | "to">): Promise<void> {
  await send(hub, [{ from: to, to: bareOf(from), type: "unsubscribed" }]);
}

/** RFC 6121 §3.1.3: answered even where it was granted before, and then nothing else is asked again. */
async function admit(hub: HubPorts, presentity: Presentity, jid: BareJid): Promise<void> {
  const service = presentity.jid;
  const admitted = await hub.records.transact<"full" | "known" | "new">((reader) => {
    const present = reader.contact(service, jid);
    if (present === undefined && reader.countContacts(service) >= CONTACTS_MAX) return { changes: [], result: "full" };
    if (present?.asked === true) return { changes: [], result: "known" };
    const put = { kind: "contact-put", service, jid, groups: present?.groups ?? [], asked: true } as const;
    return { changes: [put], result: "new" };
  });
  if (isRefusal(admitted) || admitted === "full") {
    hub.log.warn({ service, from: jid }, "contact-refused");
    return await decline(hub, { from: jid, to: service });
  }
  // A server has no roster and no programs of its own.
  const asks = admitted === "new" && localOf(jid) !== undefined;
  await send(hub, [
    { from: service, to: jid, type: "subscribed" },
    available(presentity, jid),
    ...(asks ? [asking(hub, presentity, jid)] : []),
  ]);
}

/** Ends what hangs on it too: subscriptions to nodes that only contacts may read (XEP-0163 §8). */
async function letGo(hub: HubPorts, { jid: service }: Presentity, jid: BareJid): Promise<void> {
  const done = await hub.records.transact((reader) => {
    const contact = reader.contact(service, jid);
    if (contact === undefined) return { changes: [], result: undefined };
    const without: RecordReader = {
      ...reader,
      contact: (of, whom) => (of === service && whom === jid ? undefined : reader.contact(of, whom)),
    };
    const { changes, notifications } = decideContactGone(stateAt(hub, without, service), service, jid);
    const told = notifications.map((notification) => queued(notification, hub.now()));
    return { changes: [...changes, ...told], result: contact };
  });
  presenceBook(hub).forget(service, jid);
  const wasAsked = !isRefusal(done) && done?.asked === true && localOf(jid) !== undefined;
  await send(hub, [
    { from: service, to: jid, type: "unavailable" },
    { from: service, to: jid, type: "unsubscribed" },
    ...(wasAsked ? [{ from: service, to: jid, type: "unsubscribe" } as const] : []),
  ]);
}

/** Who lets this hub see their presence may let it read more: what was refused before is tried once more. */
function askAgain(hub: HubPorts, { jid, account }: Presentity, by: BareJid): void {
  const upstream = account === undefined ? hub.records.reader.upstreamOf(by, MICROBLOG_NODE) : undefined;
  if (upstream === undefined || upstream.state === "subscribed") return;
  hub.log.info({ service: jid, from: by }, "presence-granted");
  hub.catchUpSoon(upstream.account, "followed");
}

/** Whose presence is taken in: contacts, and who has subscribed to a node. Anybody else's says nothing here. */
function isKnown(reader: RecordReader, service: BareJid, jid: BareJid): boolean {
  return reader.contact(service, jid) !== undefined || reader.subscriptionsOf(service, jid).length > 0;
}

async function takeAvailable(hub: HubPorts, service: BareJid, { from, show, caps }: InboundPresence): Promise<void> {
  const name = caps === undefined ? undefined : `${caps.hash ?? ""} ${caps.node}#${caps.ver}`;
  const put = presenceBook(hub).put(service, from, show, name);
  if (put === undefined) return;
  if (put.isNew) await sendLast(hub, service, from, new Set(), true);
  if (caps === undefined || name === undefined) return;
  const interests = await resolveInterests(hub, service, from, caps);
  if (interests === undefined) return;
  const more = presenceBook(hub).learn(service, from, name, interests);
  if (more.size > 0) await sendLast(hub, service, from, more, false);
}

/** The nodes there as everybody sees them. */
function stateAt(hub: HubPorts, reader: RecordReader, service: BareJid): PubsubState {
  return nodesOf(hub, reader, presentityAt(hub, reader, service)?.account);
}

async function sendLast(
  hub: HubPorts,
  service: BareJid,
  jid: Jid,
  nodes: ReadonlySet<string>,
  isNew: boolean,
): Promise<void> {
  const now = hub.now();
  const told = (reader: RecordReader) =>
    lastItemsOnPresence(stateAt(hub, reader, service), service, jid, { nodes, isNew, now });
  // Most who come have not subscribed to anything: no commit for nothing.
  if (told(hub.records.reader).length === 0) return;
  await hub.records.transact((reader) => ({
    changes: told(reader).map((notification) => queued(notification, now)),
    result: undefined,
  }));
}
