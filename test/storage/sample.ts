import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Instant } from "../../src/core/instant.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import type { Log } from "../../src/hub/ports/hub-ports.ts";
import type { RecordChange } from "../../src/hub/ports/records.ts";
import type { NodeId, PubsubItem, PubsubNode } from "../../src/pubsub/state.ts";
import type { Document } from "../../src/rdf/document.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../src/rdf/term.ts";
import { dcterms } from "../../src/vocab/dcterms.ts";
import { rdf } from "../../src/vocab/rdf.ts";
import { rdfs } from "../../src/vocab/rdfs.ts";
import { sioc } from "../../src/vocab/sioc.ts";
import { sioct } from "../../src/vocab/sioct.ts";
import { skos } from "../../src/vocab/skos.ts";

export const BASE = "https://hub.example/";
export const iri = (path: string): Iri => `${BASE}${path}` as Iri;
export const at = (seconds: number): Instant => instantOf(Date.UTC(2026, 0, 1) + seconds * 1_000);
export const alice = iri("alice#account");
export const bob = "https://other.example/bob#account" as Iri;

/** A log that keeps what it is told. */
export function keptLog(): Log & { readonly events: string[] } {
  const events: string[] = [];
  const keep = (_: unknown, event: string): void => {
    events.push(event);
  };
  return { events, info: keep, warn: keep, error: keep };
}

export interface PostWish {
  readonly id: string;
  readonly seconds?: number;
  readonly text?: string;
  readonly author?: Iri;
  readonly origin?: Document["origin"];
  readonly audience?: Document["audience"];
  readonly replyOf?: Iri;
  readonly tag?: string;
  readonly addressedTo?: Iri;
}

/** A post's document of eight triples or more. */
export function post(wish: PostWish): Document {
  const author = wish.author ?? alice;
  const container = author.replace("#account", "/posts") as Iri;
  const graph = `${container}/${wish.id}` as Iri;
  const created = at(wish.seconds ?? 0);
  const self = namedNode(graph);
  const quads: Quad[] = [
    quad(self, rdf.type, sioct.MicroblogPost),
    quad(self, sioc.content, literal(wish.text ?? `Post ${wish.id}`, "en")),
    quad(self, dcterms.created, literal(created, namedNode("http://www.w3.org/2001/XMLSchema#dateTime"))),
    quad(self, sioc.has_creator, namedNode(author)),
    quad(self, sioc.has_container, namedNode(container)),
  ];
  if (wish.replyOf !== undefined) quads.push(quad(self, sioc.reply_of, namedNode(wish.replyOf)));
  if (wish.addressedTo !== undefined) quads.push(quad(self, sioc.addressed_to, namedNode(wish.addressedTo)));
  if (wish.tag !== undefined) {
    const tag = namedNode(iri(`tags/${wish.tag}`));
    quads.push(
      quad(self, sioc.topic, tag),
      quad(tag, rdf.type, sioct.Tag),
      quad(tag, rdf.type, skos.Concept),
      quad(tag, rdfs.label, literal(wish.tag)),
    );
  }
  return {
    graph,
    kind: "post",
    audience: wish.audience ?? "public",
    origin: wish.origin ?? { kind: "own" },
    author,
    container,
    created,
    received: created,
    quads,
  };
}

export const put = (document: Document): RecordChange => ({ kind: "document-put", document });
export const drop = (graph: Iri): RecordChange => ({ kind: "document-dropped", graph });
export const remove = (graph: Iri): RecordChange => ({
  kind: "document-deleted",
  tombstone: { graph, deleted: at(999), kind: "post", author: alice },
});

export const service = "alice@hub.example" as BareJid;
export const nodeId = "urn:xmpp:microblog:0" as NodeId;
export const node: PubsubNode = {
  service,
  id: nodeId,
  config: {
    accessModel: "open",
    publishModel: "publishers",
    deliverPayloads: true,
    notifyRetract: true,
    persistItems: true,
  },
  created: at(0),
};

export function item(id: string, published: number, updated = published): PubsubItem {
  return {
    service,
    node: nodeId,
    id: id as ItemId,
    publisher: service,
    payload: `<entry xmlns="http://www.w3.org/2005/Atom"><id>${id}</id></entry>`,
    published: at(published),
    updated: at(updated),
  };
}

/** A folder that goes with the test. */
export function temporaryFolder(): { readonly path: string; readonly file: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "sterna-storage-"));
  return { path, file: join(path, "hub.db"), remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A decision without a question. */
export const always =
  (...changes: RecordChange[]) =>
  () => ({ changes, result: "done" });
