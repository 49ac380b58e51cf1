import type { Instant } from "../core/instant.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { Delivery, OutboundEvent, RecordChange } from "../hub/ports/records.ts";
import type { NodeId } from "../pubsub/state.ts";
import { number, optionalText, type Row, type SqlDatabase, text } from "./sql-database.ts";

const SELECT_DELIVERIES = `SELECT d.id, d.event, recipient, subid, wants_receipt, attempts, next_attempt, created,
    e.service, e.node, e.event AS content
  FROM deliveries AS d JOIN events AS e ON e.id = d.event`;

/** Writes one event and a Delivery of it for each recipient; returns those. */
export function queueNotification(
  database: SqlDatabase,
  { notification, now, receiptFrom }: Extract<RecordChange, { kind: "notification-queued" }>,
): readonly Delivery[] {
  if (notification.to.length === 0) return [];
  const { to, ...content } = notification;
  const { id: eventId } = database.run(
    "INSERT INTO events (service, node, event) VALUES (?, ?, ?)",
    notification.service,
    notification.node,
    JSON.stringify(notification.event),
  );
  const event: OutboundEvent = { ...content, id: eventId };
  return to.map(({ jid, subid }) => {
    const wantsReceipt = receiptFrom(jid);
    const { id } = database.run(
      `INSERT INTO deliveries (event, recipient, subid, wants_receipt, attempts, next_attempt, created)
       VALUES (?, ?, ?, ?, 0, ?, ?)`,
      eventId,
      jid,
      subid,
      wantsReceipt ? 1 : 0,
      now,
      now,
    );
    return { id, event, to: jid, subid, wantsReceipt, attempts: 0, nextAttempt: now, created: now };
  });
}

/** Takes a Delivery out, and its event with the last one. */
export function finishDelivery(database: SqlDatabase, id: number): void {
  const row = database.get("DELETE FROM deliveries WHERE id = ? RETURNING event", id);
  if (row === undefined) return;
  const event = number(row, "event");
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

/** Deliveries that are due, in the order in which they fell due. */
export function deliveriesDue(database: SqlDatabase, now: Instant, limit: number): readonly Delivery[] {
  const events = new Map<number, OutboundEvent>();
  return database
    .all(`${SELECT_DELIVERIES} WHERE next_attempt <= ? ORDER BY next_attempt, d.id LIMIT ?`, now, limit)
    .map((row) => deliveryOf(row, events));
}

/** One Delivery. */
export function findDelivery(database: SqlDatabase, id: number): Delivery | undefined {
  const row = database.get(`${SELECT_DELIVERIES} WHERE d.id = ?`, id);
  return row === undefined ? undefined : deliveryOf(row, new Map());
}

/** How many are queued, and when the next falls due. */
export function outbox(database: SqlDatabase): { readonly queued: number; readonly next?: Instant } {
  const queued = number(database.get("SELECT count(*) AS count FROM deliveries") ?? {}, "count");
  const next = optionalText(database.get("SELECT min(next_attempt) AS next FROM deliveries") ?? {}, "next");
  return next === undefined ? { queued } : { queued, next: next as Instant };
}

function deliveryOf(row: Row, events: Map<number, OutboundEvent>): Delivery {
  const id = number(row, "event");
  let event = events.get(id);
  if (event === undefined) {
    event = {
      id,
      service: text(row, "service") as BareJid,
      node: text(row, "node") as NodeId,
      event: JSON.parse(text(row, "content")) as OutboundEvent["event"],
    };
    events.set(id, event);
  }
  return {
    id: number(row, "id"),
    event,
    to: text(row, "recipient") as Jid,
    subid: text(row, "subid"),
    wantsReceipt: number(row, "wants_receipt") === 1,
    attempts: number(row, "attempts"),
    nextAttempt: text(row, "next_attempt") as Instant,
    created: text(row, "created") as Instant,
  };
}
