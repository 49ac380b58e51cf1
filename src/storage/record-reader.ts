import type { RecordChange, RecordReader } from "../hub/ports/records.ts";
import { optionalText, type SqlDatabase } from "./database/sql-database.ts";
import {
  accountsOfLinkedJid,
  allAccounts,
  allUpstreams,
  findAccount,
  findToken,
  findUpstream,
  findUpstreamOfComments,
  findUpstreamOfNode,
  putAccount,
  putToken,
  putUpstream,
} from "./tables/account-table.ts";
import { copiedVersion, copiesOf, putCopy, removeCopy } from "./tables/copy-table.ts";
import { allDestinations, findDestination, putDestination } from "./tables/destination-table.ts";
import {
  countDocuments,
  everyDocument,
  expiredPosts,
  followedBy,
  listDocuments,
  newestOfContainer,
  notesOf,
  postsOfContainer,
} from "./tables/document-list.ts";
import {
  applyDocumentChange,
  documentVersion,
  everyTombstone,
  keepVersion,
  storedDocument,
  versionOf,
} from "./tables/document-table.ts";
import type { DocumentTrail } from "./tables/document-trail.ts";
import { applyHookChange, hookReader } from "./tables/hook-table.ts";
import { learnedReader, putLearned } from "./tables/learned-table.ts";
import {
  deferDelivery,
  deliveriesDue,
  dropHeld,
  findDelivery,
  finishDelivery,
  heldDeliveries,
  holdDelivery,
  nextDelivery,
  outbox,
  queueNotification,
  releaseHeld,
} from "./tables/outbox-table.ts";
import { findPicture, putPicture } from "./tables/picture-table.ts";
import { prepareJids } from "./tables/prepare-jids.ts";
import {
  applyPubsubChange,
  countContacts,
  expiringPubsub,
  leasesEnding,
  listContacts,
  pubsubState,
  subscriptionsHeldBy,
} from "./tables/pubsub-table.ts";
import { applyWatchChange, watchReader } from "./tables/watch-table.ts";

/**
 * The reads of `hub.db`. `beforeTextSearch` is called before the text index is read, for what a running batch still
 * holds back.
 */
export function recordReader(database: SqlDatabase, beforeTextSearch: () => void): RecordReader {
  return {
    ...pubsubState(database),
    ...watchReader(database),
    ...learnedReader(database),
    ...hookReader(database),
    meta: (key) => optionalText(database.get("SELECT value FROM meta WHERE key = ?", key) ?? {}, "value"),
    account: (name) => findAccount(database, name),
    accounts: () => allAccounts(database),
    accountsOfLinkedJid: (jid) => accountsOfLinkedJid(database, jid),
    token: (hash) => findToken(database, hash),
    document: (graph) => storedDocument(database, graph),
    versionOf: (graph) => versionOf(database, graph),
    documentVersion: (graph, version) => documentVersion(database, graph, version),
    list: (query) => {
      if (query.scope.kind === "text") beforeTextSearch();
      return listDocuments(database, query);
    },
    count: (scope) => {
      if (scope.kind === "text") beforeTextSearch();
      return countDocuments(database, scope);
    },
    newestIn: (container) => newestOfContainer(database, container),
    followed: (author, audience, limit) => followedBy(database, author, audience, limit),
    postIds: (container) => postsOfContainer(database, container),
    expiring: (now, limit) => expiringPubsub(database, now, limit),
    leasesEnding: (after, until, limit) => leasesEnding(database, after, until, limit),
    contacts: (limit, from) => listContacts(database, limit, from),
    countContacts: (service) => countContacts(database, service),
    picture: (id) => findPicture(database, id),
    copiesOf: (account, jid) => copiesOf(database, account, jid),
    copiedVersion: (copy) => copiedVersion(database, copy),
    upstream: (account) => findUpstream(database, account),
    upstreamOf: (service, node) => findUpstreamOfNode(database, service, node),
    upstreamOfComments: (post) => findUpstreamOfComments(database, post),
    upstreams: () => allUpstreams(database),
    deliveriesDue: (now, limit, turn) => deliveriesDue(database, now, limit, turn),
    nextDelivery: () => nextDelivery(database),
    heldDeliveries: (host, limit) => heldDeliveries(database, host, limit),
    destinations: () => allDestinations(database),
    destination: (name) => findDestination(database, name),
    subscriptionsHeldBy: (jid) => subscriptionsHeldBy(database, jid),
    delivery: (id) => findDelivery(database, id),
    outbox: () => outbox(database),
    expired: (before, limit) => expiredPosts(database, before, limit),
    everyDocument: (filter) => everyDocument(database, filter),
    notes: (author) => notesOf(database, author),
    everyTombstone: (filter) => everyTombstone(database, filter),
  };
}

/** Applies one change within the running transaction; what it does to documents, and queues, is noted in `trail`. */
export function applyRecordChange(database: SqlDatabase, change: RecordChange, trail: DocumentTrail): void {
  switch (change.kind) {
    case "document-put":
    case "document-deleted":
    case "document-dropped":
      return applyDocumentChange(database, change, trail);
    case "version-kept":
      return keepVersion(database, change.graph, change.version);
    case "node-put":
    case "node-removed":
    case "items-removed":
    case "contact-put":
    case "contact-removed":
    case "affiliation-put":
    case "subscription-put":
    case "subscription-removed":
    case "item-put":
    case "item-removed":
      return applyPubsubChange(database, change);
    case "watch-put":
    case "watch-removed":
    case "watch-answer-put":
    case "watch-answer-removed":
      return applyWatchChange(database, change);
    case "hook-put":
    case "hook-removed":
    case "hook-event-queued":
    case "hook-event-done":
    case "hook-events-dropped":
      return applyHookChange(database, change);
    case "learned-put":
      return putLearned(database, change);
    case "notification-queued":
      trail.queued(queueNotification(database, change));
      return;
    case "delivery-done":
      return finishDelivery(database, change.id);
    case "delivery-deferred":
      return deferDelivery(database, change);
    case "delivery-held":
      return holdDelivery(database, change);
    case "deliveries-released":
      return releaseHeld(database, change);
    case "deliveries-dropped":
      return dropHeld(database, change);
    case "destination-put":
      return putDestination(database, change.destination);
    case "destination-removed":
      database.run("DELETE FROM destinations WHERE name = ?", change.name);
      return;
    case "picture-put":
      return putPicture(database, change.picture);
    case "copy-put":
      return putCopy(database, change.copy);
    case "copy-removed":
      return removeCopy(database, change.copy);
    case "account-put":
      return putAccount(database, change.account);
    case "token-put":
      return putToken(database, change.token);
    case "upstream-put":
      return putUpstream(database, change.upstream);
    case "token-removed":
      database.run("DELETE FROM tokens WHERE hash = ?", change.hash);
      return;
    case "upstream-removed":
      database.run("DELETE FROM upstreams WHERE account = ?", change.account);
      return;
    case "meta-put":
      database.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", change.key, change.value);
      return;
    case "jids-prepared":
      return prepareJids(database);
  }
}
