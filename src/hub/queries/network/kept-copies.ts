import { accountIris } from "../../../core/hub-iris.ts";
import type { Iri } from "../../../rdf/iri.ts";
import { namedNode } from "../../../rdf/term.ts";
import { sioc } from "../../../vocab/sioc.ts";
import { isMicroblog } from "../../following/new-upstream.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { Upstream } from "../../ports/records.ts";
import type { Requester } from "../../ports/requester.ts";

/** LIMIT: notes that are looked at for what they say of other hubs' things. */
const NOTES_MAX = 1_000;

/** The followed accounts of which every post is here, in the query store: their hubs need not be asked for posts. */
export function keptAccounts(hub: HubPorts): ReadonlySet<Iri> {
  const kept = hub.records.reader.upstreams().filter((upstream) => isKept(hub, upstream));
  return new Set(kept.map(({ account }) => account));
}

function isKept(hub: HubPorts, upstream: Upstream): boolean {
  const { account, container, backfill } = upstream;
  if (upstream.state !== "subscribed" || !isMicroblog(upstream) || container === undefined) return false;
  if (upstream.caughtUpTo === undefined || upstream.attempts > 0 || upstream.letGo !== undefined) return false;
  if (!backfill.done || backfill.fetched >= hub.options.backfillPosts_max || upstream.nextAttempt < hub.now())
    return false;
  // The query store may hold fewer posts than the records do.
  const stored = hub.quads.count(null, sioc.has_creator, namedNode(account), {});
  return stored >= hub.records.reader.count({ kind: "container", container });
}

/** Whether a thing of another hub is a post whose copy is here. */
export function isKeptPost(hub: HubPorts, subject: string): boolean {
  if (subject.startsWith(hub.identity.base)) return false;
  return hub.quads.count(namedNode(subject), sioc.has_creator, null, {}) > 0;
}

/**
 * Things of other hubs that notes here speak about: what is asked of those things is joined with what stands here. The
 * notes of all accounts, as far as the requester may see them; undefined when they are too many to look at.
 */
export function annotated(hub: HubPorts, by: Requester): readonly string[] | undefined {
  const { reader } = hub.records;
  const found = new Set<string>();
  let seen = 0;
  for (const { name } of reader.accounts()) {
    const author = accountIris(hub.identity.base, name).account;
    for (const { graph, audience } of reader.notes(author)) {
      if (audience !== "public" && !(by.kind === "account" && audience.only === by.iri)) continue;
      if (++seen > NOTES_MAX) return undefined;
      const stored = reader.document(graph);
      if (stored?.kind !== "live") continue;
      for (const { subject } of stored.document.quads) {
        if (subject.termType === "NamedNode" && !subject.value.startsWith(hub.identity.base)) found.add(subject.value);
      }
    }
  }
  return [...found];
}
