import { accountIris } from "../../core/hub-iris.ts";
import {
  NOTE_TRIPLES_MAX,
  NOTES_BYTES_MAX,
  NOTES_MAX,
  noteDocument,
  whyNoNoteIri,
  whyNotPublished,
} from "../../core/note.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { scopeBlankNodes } from "../../rdf/blank-node.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeNTriples } from "../../rdf/ntriples.ts";
import type { Quad } from "../../rdf/term.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { datasetOf, maySee, type Requester } from "../ports/requester.ts";
import { type GraphChange, type GraphName, type GraphStore, type StoredGraph, tripleKey } from "./graph-store.ts";

type AccountRequester = Extract<Requester, { readonly kind: "account" }>;

/**
 * The hub's graphs: each Document is one under its IRI, for those who may see it. The default graph is the query store's
 * view of all of them. An account writes graphs of its own, its notes, and nothing else: posts, profiles and follows
 * change through the hub's commands.
 */
export function hubGraphStore(hub: HubPorts): GraphStore {
  // The query store counts from 0 at each start.
  let started: string | undefined;
  return {
    version: () => {
      started ??= hub.newSecret(6);
      return `${started}.${hub.quads.version}`;
    },
    dataset: datasetOf,
    defaultGraph: "view",
    unknownGraphs: "refused",
    read: (by, graph) => readGraph(hub, by, graph),
    merged: (by) => hub.quads.match(null, null, null, datasetOf(by)),
    names: (by) => (by.kind === "account" ? hub.records.reader.notes(by.iri).map(({ graph }) => graph) : []),
    mayUpdate,
    mayWrite: (by, graph) => mayWrite(hub, by, graph),
    newName: (by) => {
      const no = mayUpdate(by);
      return no ?? (`${graphsOf(hub, by)}/${hub.newItemId()}` as Iri);
    },
    isStatedElsewhere: (triple, graph) => {
      const stored = graph === "default" ? undefined : hub.records.reader.document(graph);
      // A published note's own triples are public too; then nobody can tell.
      if (stored?.kind === "live" && stored.document.audience === "public") return false;
      return hub.quads.count(triple.subject, triple.predicate, triple.object, {}) > 0;
    },
    commit: async (by, changes) => {
      const no = mayUpdate(by);
      if (no !== undefined) return no;
      if (by.kind !== "account") return undefined;
      return await hub.records.transact((reader) => decide(hub, reader, by, changes));
    },
  };
}

function readGraph(hub: HubPorts, by: Requester, graph: GraphName): StoredGraph | undefined {
  if (graph === "default") return undefined;
  const stored = hub.records.reader.document(graph);
  if (stored?.kind !== "live" || !maySee(by, stored.document)) return undefined;
  const { quads, created, modified = created } = stored.document;
  return { quads: scopeBlankNodes(quads, graph), version: `${stored.version}`, modified };
}

function graphsOf(hub: HubPorts, by: Requester): Iri | undefined {
  return by.kind === "account" ? accountIris(hub.identity.base, by.account.name).graphs : undefined;
}

function mayUpdate(by: Requester): Refusal | undefined {
  if (by.kind === "account") return undefined;
  return by.kind === "anonymous"
    ? refuse(
        "unauthenticated",
        "Expected the token of an account, whose own graphs may be written; log in with `sterna login`.",
      )
    : refuse(
        "forbidden",
        "Expected the token of an account, but got the hub owner's, who has no graphs; use an account's own.",
      );
}

function mayWrite(hub: HubPorts, by: Requester, graph: GraphName): Refusal | undefined {
  const no = mayUpdate(by);
  if (no !== undefined) return no;
  const graphs = graphsOf(hub, by) ?? ("" as Iri);
  if (graph === "default") {
    return refuse(
      "forbidden",
      `The default graph is all that you may see and cannot be written; name a graph of your own such as <${graphs}/bookmarks>.`,
    );
  }
  const stored = graph.startsWith(`${graphs}/`) ? undefined : hub.records.reader.document(graph);
  if (stored?.kind === "live" && maySee(by, stored.document)) {
    const { kind } = stored.document;
    const what = kind === "other" ? "somebody's document" : kind === "note" ? "somebody else's graph" : `a ${kind}`;
    return refuse(
      "forbidden",
      `<${graph}> is ${what}, which changes through the hub's own commands alone; write into a graph of your own such as <${graphs}/bookmarks>.`,
    );
  }
  return whyNoNoteIri(graphs, graph);
}

interface Decision {
  readonly changes: readonly RecordChange[];
  readonly result: undefined;
}

function decide(
  hub: HubPorts,
  reader: RecordReader,
  by: AccountRequester,
  changes: readonly GraphChange[],
): Decision | Refusal {
  const made: RecordChange[] = [];
  const sizes = new Map<string, number>(reader.notes(by.iri).map(({ graph, bytes }) => [graph, bytes]));
  for (const change of changes) {
    const no = mayWrite(hub, by, change.graph);
    if (no !== undefined) return no;
    const done = decideOne(hub, reader, by, change);
    if (isRefusal(done)) return done;
    if (done === undefined) continue;
    made.push(done);
    if (done.kind === "document-put") sizes.set(change.graph, writeNTriples(done.document.quads).length);
    else sizes.delete(change.graph);
  }
  const grows = changes.some(({ quads }) => quads !== undefined);
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (grows && sizes.size > NOTES_MAX) {
    return refuse(
      "too-large",
      `Expected at most ${NOTES_MAX} graphs of one account, but got one more; drop another first.`,
    );
  }
  if (grows && bytes > NOTES_BYTES_MAX) {
    return refuse(
      "too-large",
      `Expected the graphs of one account to take at most ${NOTES_BYTES_MAX} bytes as N-Triples, but got ${bytes}; drop some first.`,
    );
  }
  return { changes: made, result: undefined };
}

type NoteChange = Extract<RecordChange, { readonly kind: "document-put" | "document-dropped" }>;

/** What becomes of one graph; undefined when it says the same as before. */
function decideOne(
  hub: HubPorts,
  reader: RecordReader,
  by: AccountRequester,
  { graph, before, quads }: GraphChange,
): NoteChange | undefined | Refusal {
  // Of the own ones only; the default graph was refused before.
  const iri = graph as Iri;
  const stored = reader.document(iri);
  const present = stored?.kind === "live" ? stored : undefined;
  if ((present === undefined ? undefined : `${present.version}`) !== before) {
    return refuse("conflict", `<${graph}> was changed by another request meanwhile; read it again.`, { again: true });
  }
  if (quads === undefined) return present === undefined ? undefined : { kind: "document-dropped", graph: iri };
  if (quads.length > NOTE_TRIPLES_MAX) {
    return refuse(
      "too-large",
      `Expected at most ${NOTE_TRIPLES_MAX} triples in one graph, but <${graph}> would have ${quads.length}; use several.`,
    );
  }
  const old = present?.document;
  if (old !== undefined && says(old, quads)) return undefined;
  const document = noteDocument(iri, quads, by.iri, hub.now(), old);
  if (document.audience === "public") {
    const no = whyNotPublished(iri, quads, {
      base: hub.identity.base,
      iris: accountIris(hub.identity.base, by.account.name),
      isHeld: (one) => one !== iri && reader.document(one)?.kind === "live",
    });
    if (no !== undefined) return no;
  }
  return { kind: "document-put", document };
}

/** Whether a document's triples are these. */
function says(document: Document, quads: readonly Quad[]): boolean {
  if (document.quads.length !== quads.length) return false;
  const keys = new Set(scopeBlankNodes(document.quads, document.graph).map(tripleKey));
  return quads.every((each) => keys.has(tripleKey(each)));
}
