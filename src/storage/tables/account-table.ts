import type { Account, AccountName } from "../../core/account.ts";
import type { Instant } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import type { TokenRecord, Upstream } from "../../hub/ports/records.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Iri } from "../../rdf/iri.ts";
import { type Row, type SqlDatabase, text } from "../database/sql-database.ts";

const accountOf = (row: Row): Account => JSON.parse(text(row, "account")) as Account;
const upstreamOf = (row: Row): Upstream => JSON.parse(text(row, "upstream")) as Upstream;

/** An account by its name. */
export function findAccount(database: SqlDatabase, name: AccountName): Account | undefined {
  const row = database.get("SELECT account FROM accounts WHERE name = ?", name);
  return row === undefined ? undefined : accountOf(row);
}

/** All accounts, by name. */
export function allAccounts(database: SqlDatabase): readonly Account[] {
  return database.all("SELECT account FROM accounts ORDER BY name").map(accountOf);
}

/** Accounts that name `jid` as linked. */
export function accountsOfLinkedJid(database: SqlDatabase, jid: BareJid): readonly Account[] {
  return database
    .all("SELECT account FROM linked_jids JOIN accounts USING (name) WHERE jid = ? ORDER BY name", jid)
    .map(accountOf);
}

/** Adds or replaces an account. */
export function putAccount(database: SqlDatabase, account: Account): void {
  database.run("INSERT OR REPLACE INTO accounts (name, account) VALUES (?, ?)", account.name, JSON.stringify(account));
  database.run("DELETE FROM linked_jids WHERE name = ?", account.name);
  for (const jid of new Set(account.linkedJids)) {
    database.run("INSERT INTO linked_jids (jid, name) VALUES (?, ?)", jid, account.name);
  }
}

/** A token by its hash. */
export function findToken(database: SqlDatabase, hash: string): TokenRecord | undefined {
  const row = database.get("SELECT * FROM tokens WHERE hash = ?", hash);
  if (row === undefined) return undefined;
  const holder = text(row, "holder");
  return {
    hash,
    holder: holder === "" ? { kind: "owner" } : { kind: "account", name: holder as AccountName },
    label: text(row, "label"),
    created: text(row, "created") as Instant,
  };
}

/** Adds or replaces a token. */
export function putToken(database: SqlDatabase, { hash, holder, label, created }: TokenRecord): void {
  database.run(
    "INSERT OR REPLACE INTO tokens (hash, holder, label, created) VALUES (?, ?, ?, ?)",
    hash,
    holder.kind === "owner" ? "" : holder.name,
    label,
    created,
  );
}

/** The Upstream of a followed account. */
export function findUpstream(database: SqlDatabase, account: Iri): Upstream | undefined {
  const row = database.get("SELECT upstream FROM upstreams WHERE account = ?", account);
  return row === undefined ? undefined : upstreamOf(row);
}

/** The Upstream whose PubsubNode this is. */
export function findUpstreamOfNode(database: SqlDatabase, service: BareJid, node: NodeId): Upstream | undefined {
  const row = database.get("SELECT upstream FROM upstreams WHERE service = ? AND node = ? LIMIT 1", service, node);
  return row === undefined ? undefined : upstreamOf(row);
}

/** The Upstream of the comments on one post elsewhere. */
export function findUpstreamOfComments(database: SqlDatabase, post: Iri): Upstream | undefined {
  // Word for word as the index has it.
  const sql = "SELECT upstream FROM upstreams WHERE json_extract(upstream, '$.commentsOn.post') = ? LIMIT 1";
  const row = database.get(sql, post);
  return row === undefined ? undefined : upstreamOf(row);
}

/** All Upstreams, by account. */
export function allUpstreams(database: SqlDatabase): readonly Upstream[] {
  return database.all("SELECT upstream FROM upstreams ORDER BY account").map(upstreamOf);
}

/** Adds or replaces an Upstream. */
export function putUpstream(database: SqlDatabase, upstream: Upstream): void {
  database.run(
    "INSERT OR REPLACE INTO upstreams (account, service, node, upstream) VALUES (?, ?, ?, ?)",
    upstream.account,
    upstream.service,
    upstream.node,
    JSON.stringify(upstream),
  );
}
