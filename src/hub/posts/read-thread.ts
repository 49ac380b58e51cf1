import { Refused } from "../../outcome/refused.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { datasetOf, maySee, type Requester } from "../ports/requester.ts";

/** LIMIT: posts of one thread on a page. */
export const THREAD_POSTS_MAX = 200;

/** The documents of the thread a post stands in, oldest first, found by `select-thread.rq`. */
export async function readThread(hub: HubPorts, by: Requester, start: Iri): Promise<readonly Document[]> {
  if (answersTo(hub, by, start, 1).length === 0 && answeredBy(hub, start) === undefined) return [];
  const documents = new Map<Iri, Document>();
  for await (const iri of postsOfThread(hub, by, start)) {
    const stored = hub.records.reader.document(iri);
    if (stored?.kind === "live" && maySee(by, stored.document)) documents.set(iri, stored.document);
    if (documents.size >= THREAD_POSTS_MAX) break;
  }
  return [...documents.values()].sort((a, b) => (a.created < b.created ? -1 : 1));
}

async function* postsOfThread(hub: HubPorts, by: Requester, start: Iri): AsyncGenerator<Iri, undefined> {
  try {
    const found = await hub.queries.prepared("select-thread", { start: namedNode(start) }, { dataset: datasetOf(by) });
    if (found.kind !== "bindings") return undefined;
    for await (const row of found.rows) {
      const iri = row.get("post")?.value ?? "";
      if (isIri(iri)) yield iri;
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // A query store outside that is down must not take the pages with it.
    yield* walkThread(hub, by, start);
  }
  return undefined;
}

/** The same posts from the lists of `hub.db`: what a post answers, and what answers it. */
function* walkThread(hub: HubPorts, by: Requester, start: Iri): Generator<Iri, undefined> {
  const known = new Set([start]);
  for (const post of known) {
    yield post;
    const above = answeredBy(hub, post);
    if (above !== undefined) known.add(above);
    for (const { graph } of answersTo(hub, by, post, THREAD_POSTS_MAX)) known.add(graph);
    if (known.size > THREAD_POSTS_MAX * 2) return undefined;
  }
  return undefined;
}

function answersTo(hub: HubPorts, by: Requester, target: Iri, limit: number): readonly Document[] {
  const audience = datasetOf(by).private;
  const scope = { kind: "reference", reference: "reply-of", target } as const;
  return hub.records.reader.list({ scope, limit, ...(audience === undefined ? {} : { audience }) }).documents;
}

/** What a post answers. */
function answeredBy(hub: HubPorts, post: Iri): Iri | undefined {
  const stored = hub.records.reader.document(post);
  if (stored?.kind !== "live") return undefined;
  const above = stored.document.quads.find((each) => each.predicate.value === sioc.reply_of.value)?.object.value;
  return above !== undefined && isIri(above) ? above : undefined;
}
