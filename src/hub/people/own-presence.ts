import type { Account, AccountName } from "../../core/account.ts";
import { type BareJid, type Jid, localOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { ContactRow, RecordReader } from "../ports/records.ts";
import type { OutboundPresence } from "../ports/xmpp-link.ts";

/** LIMIT: contacts told at a time. */
const BATCH = 500;

/** Somebody whose presence others may subscribe to: an account, or the hub at its own domain. */
export type Presentity = { readonly jid: BareJid; readonly account?: Account };

/** Who is at an address of this hub, if anybody. */
export function presentityAt(hub: HubPorts, reader: RecordReader, jid: BareJid): Presentity | undefined {
  const name = localOf(jid);
  if (name === undefined) return jid === hub.identity.domain ? { jid } : undefined;
  const account = reader.account(name as AccountName);
  return account?.jid === jid ? { jid, account } : undefined;
}

/** That somebody is there, with what tells of their picture (XEP-0153); an account is always there. */
export function available({ jid: from, account }: Presentity, to: Jid): OutboundPresence {
  return { from, to, type: "available", photo: account?.picture?.id ?? "" };
}

/** A request for somebody's presence, with a name that their program can show (XEP-0172 §4.1). */
export function asking(hub: HubPorts, { jid: from, account }: Presentity, to: BareJid): OutboundPresence {
  return { from, to, type: "subscribe", nick: account?.displayName ?? hub.identity.title };
}

// Whom this hub has asked since it started: a server remembers a request that is not answered.
const asked = new WeakMap<HubPorts, Set<BareJid>>();

/**
 * Asks somebody, once in a run, to let the hub see their presence: with that it may read and subscribe to what they
 * show to their contacts alone. When they say yes, `receivePresence` goes on.
 */
export async function askPresence(hub: HubPorts, jid: BareJid): Promise<void> {
  const before = asked.get(hub) ?? new Set();
  asked.set(hub, before);
  if (before.has(jid)) return;
  const no = await hub.xmpp.sendPresence([asking(hub, { jid: hub.identity.domain as BareJid }, jid)]);
  if (!isRefusal(no)) before.add(jid);
}

/**
 * Tells contacts that those they subscribed to are there, and asks where they are themselves: of all after coming
 * online, of one service after a change of what its presence says. As many at a time as the socket takes.
 */
export async function announce(hub: HubPorts, service?: BareJid, signal?: AbortSignal): Promise<number> {
  let told = 0;
  let after: ContactRow | undefined;
  for (;;) {
    const { reader } = hub.records;
    const rows = reader.contacts(BATCH, {
      ...(after === undefined ? {} : { after }),
      ...(service === undefined ? {} : { service }),
    });
    if (rows.length === 0 || signal?.aborted === true) return told;
    const presences = rows.flatMap((row) => presencesFor(hub, reader, row, service === undefined));
    const no = await hub.xmpp.sendPresence(presences);
    if (isRefusal(no)) return told;
    told += rows.length;
    after = rows.at(-1);
  }
}

function presencesFor(
  hub: HubPorts,
  reader: RecordReader,
  { service, jid, asked }: ContactRow,
  probes: boolean,
): readonly OutboundPresence[] {
  const presentity = presentityAt(hub, reader, service);
  if (presentity === undefined) return [];
  const there = available(presentity, jid);
  return probes && asked === true ? [there, { from: service, to: jid, type: "probe" }] : [there];
}

/** Tells all contacts whenever the link comes online, until the signal is aborted. */
export function startPresence(hub: HubPorts, signal: AbortSignal): void {
  let running: AbortController | undefined;
  const tell = (): void => {
    running?.abort();
    if (hub.xmpp.status.kind !== "online" || signal.aborted) return;
    const run = new AbortController();
    running = run;
    announce(hub, undefined, AbortSignal.any([signal, run.signal])).then(
      (contacts) => hub.log.info({ contacts }, "presence-told"),
      (fault: unknown) => hub.log.error({ fault: String(fault) }, "presence-failed"),
    );
  };
  const stop = hub.xmpp.onStatus(tell);
  signal.addEventListener("abort", stop, { once: true });
  tell();
}
