import type { Instant } from "../../core/instant.ts";
import { type BareJid, bareOf, type Jid } from "../../core/jid.ts";
import type { ContactRow } from "../../hub/ports/records.ts";
import { Fault } from "../../outcome/fault.ts";
import type {
  Affiliation,
  Contact,
  NodeConfig,
  NodeId,
  PubsubChange,
  PubsubNode,
  PubsubState,
  Subscription,
  SubscriptionOptions,
} from "../../pubsub/state.ts";
import { number, optionalText, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import { itemOf, itemPage, itemRow } from "./pubsub-items.ts";

/** The PubSub state of every service, read from the tables. */
export function pubsubState(database: SqlDatabase): PubsubState {
  return {
    node: (service, id) => {
      const row = database.get("SELECT * FROM pubsub_nodes WHERE service = ? AND id = ?", service, id);
      return row === undefined ? undefined : nodeOf(row);
    },
    nodes: (service) => database.all("SELECT * FROM pubsub_nodes WHERE service = ? ORDER BY id", service).map(nodeOf),
    affiliation: (service, node, jid) => {
      const row = database.get(
        `SELECT affiliation FROM affiliations WHERE jid = ?
           AND node = (SELECT number FROM pubsub_nodes WHERE service = ? AND id = ?)`,
        jid,
        service,
        node,
      );
      return row === undefined ? "none" : (text(row, "affiliation") as Affiliation);
    },
    affiliations: (service, node) =>
      database
        .all(
          `SELECT jid, affiliation FROM affiliations
             WHERE node = (SELECT number FROM pubsub_nodes WHERE service = ? AND id = ?) ORDER BY jid`,
          service,
          node,
        )
        .map((row) => ({ jid: text(row, "jid") as BareJid, affiliation: text(row, "affiliation") as Affiliation })),
    affiliationsOf: (service, jid) =>
      database
        .all(
          `SELECT id, affiliation FROM affiliations AS a JOIN pubsub_nodes ON pubsub_nodes.number = a.node
             WHERE jid = ? AND service = ? ORDER BY id`,
          jid,
          service,
        )
        .map((row) => ({ node: text(row, "id") as NodeId, affiliation: text(row, "affiliation") as Affiliation })),
    redirect: (service, node) =>
      optionalText(
        database.get("SELECT uri FROM node_redirects WHERE service = ? AND id = ?", service, node) ?? {},
        "uri",
      ),
    contact: (service, jid) => {
      const row = database.get("SELECT groups, asked FROM contacts WHERE service = ? AND jid = ?", service, jid);
      return row === undefined ? undefined : contactOf(row);
    },
    subscriptions: (service, node) =>
      database
        .all(`${SELECT_SUBSCRIPTIONS} WHERE service = ? AND id = ? ORDER BY s.created, s.jid, s.subid`, service, node)
        .map(subscriptionOf),
    subscriptionsOf: (service, jid) =>
      database
        .all(`${SELECT_SUBSCRIPTIONS} WHERE bare_jid = ? AND service = ? ORDER BY id, s.jid, s.subid`, jid, service)
        .map(subscriptionOf),
    item: (service, node, id) => {
      const number = nodeNumber(database, service, node);
      const row = number === undefined ? undefined : itemRow(database, number, id);
      return row === undefined ? undefined : itemOf(row, service, node);
    },
    items: (service, node, page) => {
      const number = nodeNumber(database, service, node);
      if (number !== undefined) return itemPage(database, { service, node, number }, page);
      // An item to go on from is not there either.
      const cursor: string = page.after ?? page.before ?? "";
      return cursor === "" ? { items: [], firstIndex: 0, count: 0, complete: true } : undefined;
    },
  };
}

/** The contacts of all services, or of one, in order of service and JID: at most `limit` after one of them. */
export function listContacts(
  database: SqlDatabase,
  limit: number,
  { after, service }: { readonly after?: ContactRow; readonly service?: BareJid } = {},
): readonly ContactRow[] {
  return database
    .all(
      `SELECT * FROM contacts WHERE (service, jid) > (?, ?) AND (? IS NULL OR service = ?)
         ORDER BY service, jid LIMIT ?`,
      after?.service ?? service ?? "",
      after?.jid ?? "",
      service ?? null,
      service ?? null,
      limit,
    )
    .map((row) => ({
      service: text(row, "service") as BareJid,
      jid: text(row, "jid") as BareJid,
      ...contactOf(row),
    }));
}

/** How many contacts a service has. */
export function countContacts(database: SqlDatabase, service: BareJid): number {
  return number(database.get("SELECT count(*) AS count FROM contacts WHERE service = ?", service) ?? {}, "count");
}

function contactOf(row: Row): Contact {
  return {
    groups: JSON.parse(text(row, "groups")) as readonly string[],
    ...(number(row, "asked") === 1 ? { asked: true as const } : {}),
  };
}

const SELECT_SUBSCRIPTIONS = `SELECT service, id, s.jid, s.subid, s.state, s.created, s.options
  FROM subscriptions AS s JOIN pubsub_nodes ON pubsub_nodes.number = s.node`;

/** The subscriptions of all resources of a bare JID, at every service. */
export function subscriptionsHeldBy(database: SqlDatabase, jid: BareJid): readonly Subscription[] {
  return database.all(`${SELECT_SUBSCRIPTIONS} WHERE bare_jid = ? ORDER BY service, id`, jid).map(subscriptionOf);
}

/** Subscriptions whose lease ran out before `now`, at most `limit`, and the nodes whose items expire. */
export function expiringPubsub(database: SqlDatabase, now: Instant, limit: number) {
  const subscriptions = `${SELECT_SUBSCRIPTIONS} WHERE s.expires <= ? ORDER BY s.expires LIMIT ?`;
  const nodes = "SELECT * FROM pubsub_nodes WHERE json_extract(config, '$.itemExpire_s') IS NOT NULL ORDER BY number";
  return {
    subscriptions: database.all(subscriptions, now, limit).map(subscriptionOf),
    nodes: database.all(nodes).map(nodeOf),
  };
}

/** Subscriptions whose lease ends after `after`, and not after `until`: the first to end first, at most `limit`. */
export function leasesEnding(database: SqlDatabase, after: Instant, until: Instant, limit: number) {
  const ending = `${SELECT_SUBSCRIPTIONS} WHERE s.expires > ? AND s.expires <= ? ORDER BY s.expires LIMIT ?`;
  return database.all(ending, after, until, limit).map(subscriptionOf);
}

/** Applies one change to the PubSub state. */
export function applyPubsubChange(database: SqlDatabase, change: PubsubChange): void {
  switch (change.kind) {
    case "node-put": {
      const { service, id, config, created, creator } = change.node;
      database.run(
        `INSERT INTO pubsub_nodes (service, id, config, created, creator) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (service, id) DO UPDATE SET config = excluded.config`,
        service,
        id,
        JSON.stringify(config),
        created,
        creator ?? null,
      );
      database.run("DELETE FROM node_redirects WHERE service = ? AND id = ?", service, id);
      return;
    }
    case "node-removed": {
      const { service, node, redirect } = change;
      database.run("DELETE FROM node_redirects WHERE service = ? AND id = ?", service, node);
      if (redirect !== undefined) {
        database.run("INSERT INTO node_redirects (service, id, uri) VALUES (?, ?, ?)", service, node, redirect);
      }
      const number = nodeNumber(database, service, node);
      if (number === undefined) return;
      for (const table of ["pubsub_items", "subscriptions", "affiliations"]) {
        database.run(`DELETE FROM ${table} WHERE node = ?`, number);
      }
      database.run("DELETE FROM pubsub_nodes WHERE number = ?", number);
      return;
    }
    case "items-removed": {
      const number = nodeNumber(database, change.service, change.node);
      if (number !== undefined) database.run("DELETE FROM pubsub_items WHERE node = ?", number);
      return;
    }
    case "contact-put":
      database.run(
        "INSERT OR REPLACE INTO contacts (service, jid, groups, asked) VALUES (?, ?, ?, ?)",
        change.service,
        change.jid,
        JSON.stringify(change.groups),
        change.asked === true ? 1 : 0,
      );
      return;
    case "contact-removed":
      database.run("DELETE FROM contacts WHERE service = ? AND jid = ?", change.service, change.jid);
      return;
    case "affiliation-put": {
      const number = existingNode(database, change.service, change.node);
      if (change.affiliation === "none") {
        database.run("DELETE FROM affiliations WHERE node = ? AND jid = ?", number, change.jid);
        return;
      }
      database.run(
        "INSERT OR REPLACE INTO affiliations (node, jid, affiliation) VALUES (?, ?, ?)",
        number,
        change.jid,
        change.affiliation,
      );
      return;
    }
    case "subscription-put": {
      const { service, node, jid, subid, state, created, options } = change.subscription;
      database.run(
        `INSERT OR REPLACE INTO subscriptions (node, jid, subid, bare_jid, state, created, options, expires)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        existingNode(database, service, node),
        jid,
        subid,
        bareOf(jid),
        state,
        created,
        options === undefined ? null : JSON.stringify(options),
        options?.expire ?? null,
      );
      return;
    }
    case "subscription-removed": {
      const number = nodeNumber(database, change.service, change.node);
      if (number === undefined) return;
      database.run(
        "DELETE FROM subscriptions WHERE node = ? AND jid = ? AND subid = ?",
        number,
        change.jid,
        change.subid,
      );
      return;
    }
    case "item-put": {
      const { service, node, id, publisher, payload, published, updated } = change.item;
      database.run(
        `INSERT INTO pubsub_items (node, id, publisher, payload, published, updated) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (node, id) DO UPDATE SET publisher = excluded.publisher, payload = excluded.payload,
           published = excluded.published, updated = excluded.updated`,
        existingNode(database, service, node),
        id,
        publisher,
        payload,
        published,
        updated,
      );
      return;
    }
    case "item-removed": {
      const number = nodeNumber(database, change.service, change.node);
      if (number !== undefined) database.run("DELETE FROM pubsub_items WHERE node = ? AND id = ?", number, change.id);
    }
  }
}

function nodeNumber(database: SqlDatabase, service: BareJid, node: NodeId): number | undefined {
  const row = database.get("SELECT number FROM pubsub_nodes WHERE service = ? AND id = ?", service, node);
  return row === undefined ? undefined : number(row, "number");
}

function existingNode(database: SqlDatabase, service: BareJid, node: NodeId): number {
  const number = nodeNumber(database, service, node);
  if (number !== undefined) return number;
  throw new Fault(
    "internal",
    `Expected the PubSub node "${node}" at ${service} before anything in it; create it first.`,
  );
}

function nodeOf(row: Row): PubsubNode {
  const creator = optionalText(row, "creator");
  return {
    ...(creator === undefined ? {} : { creator: creator as BareJid }),
    service: text(row, "service") as BareJid,
    id: text(row, "id") as NodeId,
    config: JSON.parse(text(row, "config")) as NodeConfig,
    created: text(row, "created") as Instant,
  };
}

function subscriptionOf(row: Row): Subscription {
  const options = optionalText(row, "options");
  return {
    ...(options === undefined ? {} : { options: JSON.parse(options) as SubscriptionOptions }),
    service: text(row, "service") as BareJid,
    node: text(row, "id") as NodeId,
    jid: text(row, "jid") as Jid,
    subid: text(row, "subid"),
    state: text(row, "state") as Subscription["state"],
    created: text(row, "created") as Instant,
  };
}
