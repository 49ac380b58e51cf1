import type { Instant } from "../../core/instant.ts";
import { type BareJid, bareOf, domainOf, type Jid } from "../../core/jid.ts";
import type { Destination } from "../../hub/ports/destinations.ts";
import type { Delivery, DeliveryTurn, OutboundEvent, RecordChange } from "../../hub/ports/records.ts";
import type { NodeId } from "../../pubsub/state.ts";
import { number, optionalText, type Row, type SqlDatabase, text } from "../database/sql-database.ts";

/** LIMIT: nodes that share one look at what is due; the next look goes on with the others. */
const LANES_MAX = 100;

const SELECT_DELIVERIES =
  "SELECT id, event, recipient, subid, wants_receipt, attempts, next_attempt, created, held FROM deliveries";

/** Writes one event and a Delivery of it for each recipient; returns those. */
export function queueNotification(
  database: SqlDatabase,
  { notification, now, receiptFrom, lastWord }: Extract<RecordChange, { kind: "notification-queued" }>,
): readonly Delivery[] {
  const recipients = reachable(database, notification.to, now);
  if (recipients.length === 0) return [];
  const { to: _, ...content } = notification;
  const { service, node } = notification;
  const { id: eventId } = database.run(
    "INSERT INTO events (service, node, event, about) VALUES (?, ?, ?, ?)",
    service,
    node,
    JSON.stringify(notification.event),
    lastWord?.about ?? null,
  );
  const waited = lastWord === undefined ? undefined : takePlaces(database, eventId, lastWord.about, recipients);
  const event: OutboundEvent = { ...content, id: eventId };
  const lane = laneOf(service, node);
  return recipients.map(({ jid, subid, held }) => {
    const wantsReceipt = receiptFrom(jid);
    const nextAttempt = waited?.get(jid) ?? (wantsReceipt ? lastWord?.hubsDue : undefined) ?? now;
    const { id } = database.run(
      `INSERT INTO deliveries (event, recipient, subid, wants_receipt, attempts, next_attempt, created, host, lane, held)
       VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`,
      eventId,
      jid,
      subid,
      wantsReceipt ? 1 : 0,
      nextAttempt,
      now,
      domainOf(jid),
      lane,
      held ? 1 : 0,
    );
    const delivery = { id, event, to: jid, subid, wantsReceipt, attempts: 0, nextAttempt, created: now };
    return held ? { ...delivery, held: true } : delivery;
  });
}

/**
 * Puts an event in the place of earlier ones about the same: what was never sent goes, and the time at which it was due
 * is given for each recipient; what was sent and not answered becomes the new event, for when it is sent again.
 */
function takePlaces(
  database: SqlDatabase,
  event: number,
  about: string,
  recipients: readonly Recipient[],
): ReadonlyMap<Jid, Instant> {
  const waited = new Map<Jid, Instant>();
  const told = "recipient IN (SELECT value FROM json_each(?))";
  const jids = JSON.stringify(recipients.map(({ jid }) => jid));
  for (const row of database.all("SELECT id FROM events WHERE about = ? AND id < ?", about, event)) {
    const earlier = number(row, "id");
    const sql = `DELETE FROM deliveries WHERE event = ? AND attempts = 0 AND ${told} RETURNING recipient, next_attempt`;
    for (const gone of database.all(sql, earlier, jids)) {
      waited.set(text(gone, "recipient") as Jid, text(gone, "next_attempt") as Instant);
    }
    database.run(`UPDATE deliveries SET event = ? WHERE event = ? AND ${told}`, event, earlier, jids);
    endEvent(database, earlier);
  }
  return waited;
}

type Recipient = Extract<RecordChange, { kind: "notification-queued" }>["notification"]["to"][number];

/** Who of the recipients is told at all, and whose delivery is held. */
function reachable(
  database: SqlDatabase,
  to: readonly Recipient[],
  now: Instant,
): readonly (Recipient & { readonly held: boolean })[] {
  if (database.get("SELECT 1 FROM destinations LIMIT 1") === undefined)
    return to.map((one) => ({ ...one, held: false }));
  const standing = (name: string) => {
    const row = database.get("SELECT state, next_attempt FROM destinations WHERE name = ?", name);
    if (row === undefined) return undefined;
    return { state: text(row, "state") as Destination["state"], isDue: text(row, "next_attempt") <= now };
  };
  return to.flatMap((recipient) => {
    const host = standing(domainOf(recipient.jid));
    if (host?.state === "left" && !host.isDue) return [];
    if (standing(bareOf(recipient.jid))?.state === "suspended") return [];
    return [{ ...recipient, held: host !== undefined && host.state !== "up" }];
  });
}

/** A number for a node. Two that happen to have the same one share their turns, and nothing else comes of it. */
function laneOf(service: BareJid, node: NodeId): number {
  let hash = 0x81_1c_9d_c5;
  for (const character of `${service} ${node}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  return hash >>> 0;
}

/** Takes a Delivery out, and its event with the last one. */
export function finishDelivery(database: SqlDatabase, id: number): void {
  const row = database.get("DELETE FROM deliveries WHERE id = ? RETURNING event", id);
  if (row !== undefined) endEvent(database, number(row, "event"));
}

function endEvent(database: SqlDatabase, event: number): void {
  if (database.get("SELECT 1 FROM deliveries WHERE event = ? LIMIT 1", event) === undefined) {
    database.run("DELETE FROM events WHERE id = ?", event);
  }
}

/** Puts a Delivery off. */
export function deferDelivery(
  database: SqlDatabase,
  { id, attempts, nextAttempt }: Extract<RecordChange, { kind: "delivery-deferred" }>,
): void {
  database.run("UPDATE deliveries SET attempts = ?, next_attempt = ? WHERE id = ?", attempts, nextAttempt, id);
}

/** Keeps a Delivery back. */
export function holdDelivery(
  database: SqlDatabase,
  { id, attempts }: Extract<RecordChange, { kind: "delivery-held" }>,
): void {
  database.run("UPDATE deliveries SET held = 1, attempts = ? WHERE id = ?", attempts, id);
}

// As the index has them: each kind in the order in which it was queued.
const OLDEST_HELD = "SELECT id FROM deliveries WHERE host = ? AND held = 1 ORDER BY wants_receipt, id LIMIT ?";

/** Makes the oldest of a host's held deliveries due, as if they had not been tried. */
export function releaseHeld(
  database: SqlDatabase,
  { host, now, limit }: Extract<RecordChange, { kind: "deliveries-released" }>,
): void {
  const sql = `UPDATE deliveries SET held = 0, attempts = 0, next_attempt = ? WHERE id IN (${OLDEST_HELD})`;
  database.run(sql, now, host, limit);
}

/** Takes out the oldest of a host's held deliveries. */
export function dropHeld(
  database: SqlDatabase,
  { host, limit }: Extract<RecordChange, { kind: "deliveries-dropped" }>,
): void {
  const dropped = database.all(`DELETE FROM deliveries WHERE id IN (${OLDEST_HELD}) RETURNING event`, host, limit);
  for (const event of new Set(dropped.map((row) => number(row, "event")))) endEvent(database, event);
}

/** A host's held deliveries: those that want a receipt first, each kind oldest first. */
export function heldDeliveries(database: SqlDatabase, host: string, limit: number): readonly Delivery[] {
  const sql = `${SELECT_DELIVERIES} WHERE host = ? AND held = 1 AND wants_receipt = ? ORDER BY id LIMIT ?`;
  const rows = database.all(sql, host, 1, limit);
  return deliveriesOf(
    database,
    rows.length < limit ? [...rows, ...database.all(sql, host, 0, limit - rows.length)] : rows,
  );
}

/** Deliveries that are due: nodes take turns, each in the order in which its own fell due. */
export function deliveriesDue(
  database: SqlDatabase,
  now: Instant,
  limit: number,
  turn: DeliveryTurn = { isTaken: () => false, lane: -1, hasMoreLanes: false },
): readonly Delivery[] {
  const lanes = [...lanesAfter(database, turn.lane), ...(turn.lane < 0 ? [] : lanesAfter(database, -1))]
    .filter(({ next }) => next <= now)
    .map(({ lane }) => lane);
  const taken = [...new Set(lanes)].slice(0, LANES_MAX);
  turn.hasMoreLanes = lanes.length > taken.length;
  turn.lane = turn.hasMoreLanes ? (taken.at(-1) ?? -1) : -1;
  const ids: number[] = [];
  taken.forEach((lane, at) => {
    // What a node leaves of its share is the others'.
    const share = Math.ceil((limit - ids.length) / (taken.length - at));
    ids.push(...dueOf(database, lane, now, share, turn));
  });
  if (ids.length === 0) return [];
  const rows = database.all(`${SELECT_DELIVERIES} WHERE id IN (SELECT value FROM json_each(?))`, JSON.stringify(ids));
  const byId = new Map(deliveriesOf(database, rows).map((delivery) => [delivery.id, delivery]));
  return ids.map((id) => byId.get(id)).filter((delivery) => delivery !== undefined);
}

function dueOf(
  database: SqlDatabase,
  lane: number,
  now: Instant,
  share: number,
  { isTaken }: DeliveryTurn,
): readonly number[] {
  const sql = "SELECT id FROM deliveries WHERE held = 0 AND lane = ? AND next_attempt <= ? ORDER BY next_attempt, id";
  const ids: number[] = [];
  if (share <= 0) return ids;
  for (const row of database.iterate(sql, lane, now)) {
    const id = number(row, "id");
    if (!isTaken(id) && ids.push(id) >= share) break;
  }
  return ids;
}

/** Nodes with deliveries that are not held, and when the first of each is due: from one to the next by the index. */
function lanesAfter(database: SqlDatabase, after: number, limit = LANES_MAX + 1) {
  const next = "(SELECT min(lane) FROM deliveries WHERE held = 0 AND lane > of.lane)";
  const sql = `WITH RECURSIVE of (lane) AS (
      SELECT min(lane) FROM deliveries WHERE held = 0 AND lane > ?
      UNION ALL SELECT ${next} FROM of WHERE lane IS NOT NULL LIMIT ?
    )
    SELECT lane, (SELECT min(next_attempt) FROM deliveries AS d WHERE held = 0 AND d.lane = of.lane) AS next
    FROM of WHERE lane IS NOT NULL`;
  return database
    .all(sql, after, limit)
    .map((row) => ({ lane: number(row, "lane"), next: text(row, "next") as Instant }));
}

/** When the first Delivery falls due that is not held. */
export function nextDelivery(database: SqlDatabase): Instant | undefined {
  let first: Instant | undefined;
  for (const { next } of lanesAfter(database, -1, 1_000_000)) if (first === undefined || next < first) first = next;
  return first;
}

/** One Delivery. */
export function findDelivery(database: SqlDatabase, id: number): Delivery | undefined {
  return deliveriesOf(database, database.all(`${SELECT_DELIVERIES} WHERE id = ?`, id))[0];
}

/** How many are queued, and when the next falls due, or the next host is tried again. */
export function outbox(database: SqlDatabase): { readonly queued: number; readonly next?: Instant } {
  const queued = number(database.get("SELECT count(*) AS count FROM deliveries") ?? {}, "count");
  const tried = `SELECT min(next_attempt) AS next FROM destinations WHERE state IN ('down', 'left')
    AND EXISTS (SELECT 1 FROM deliveries WHERE host = name AND held = 1)`;
  const trial = optionalText(database.get(tried) ?? {}, "next") as Instant | undefined;
  const [next] = [nextDelivery(database), trial].filter((time) => time !== undefined).sort();
  return next === undefined ? { queued } : { queued, next };
}

/** Each event is read once, however many rows are of it: it is most of what there is to read. */
function deliveriesOf(database: SqlDatabase, rows: readonly Row[]): readonly Delivery[] {
  const events = new Map<number, OutboundEvent>();
  const eventOf = (id: number): OutboundEvent => {
    const known = events.get(id);
    if (known !== undefined) return known;
    const event = readEvent(database, id);
    events.set(id, event);
    return event;
  };
  return rows.map((row) => ({
    id: number(row, "id"),
    event: eventOf(number(row, "event")),
    to: text(row, "recipient") as Jid,
    subid: text(row, "subid"),
    wantsReceipt: number(row, "wants_receipt") === 1,
    attempts: number(row, "attempts"),
    nextAttempt: text(row, "next_attempt") as Instant,
    created: text(row, "created") as Instant,
    ...(number(row, "held") === 1 ? { held: true } : {}),
  }));
}

function readEvent(database: SqlDatabase, id: number): OutboundEvent {
  const row = database.get("SELECT service, node, event FROM events WHERE id = ?", id) ?? {};
  return {
    id,
    service: text(row, "service") as BareJid,
    node: text(row, "node") as NodeId,
    event: JSON.parse(text(row, "event")) as OutboundEvent["event"],
  };
}
