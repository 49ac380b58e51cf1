import { afterEach, beforeEach, expect, it } from "vitest";
import { instantOf } from "../../../src/core/instant.ts";
import type { BareJid } from "../../../src/core/jid.ts";
import { notSubscribed } from "../../../src/hub/following/new-upstream.ts";
import type { RecordChange } from "../../../src/hub/ports/records.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { openRecords, type SqliteRecords } from "../../../src/storage/records.ts";
import { always, keptLog, temporaryFolder } from "../sample.ts";

let folder: ReturnType<typeof temporaryFolder>;
let records: SqliteRecords;

beforeEach(() => {
  folder = temporaryFolder();
  records = openRecords({ file: folder.file, log: keptLog() });
});
afterEach(async () => {
  await records[Symbol.asyncDispose]();
  folder.remove();
});

const postAt = (at: number): Iri => `https://far.example/alice/posts/${at}` as Iri;

function commentsOf(at: number): RecordChange {
  const iri = commentsIri(at);
  const place = { account: iri, profile: iri, container: iri, authority: `${iri};item=` };
  const service = "alice@far.example" as BareJid;
  const node = `comments-${at}` as NodeId;
  const commentsOn = { author: "https://far.example/alice#account" as Iri, post: postAt(at) };
  return { kind: "upstream-put", upstream: { ...place, service, node, commentsOn, ...notSubscribed(instantOf(0)) } };
}

it("finds the comments on a post without reading all that is followed", async () => {
  await records.transact(always(...Array.from({ length: 3_000 }, (_, at) => commentsOf(at))));
  const { reader } = records;
  const time_ms = (look: () => void): number => {
    const began = performance.now();
    look();
    return performance.now() - began;
  };
  const all_ms = time_ms(() => expect(reader.upstreams()).toHaveLength(3_000));
  const hundred_ms = time_ms(() => {
    for (let at = 0; at < 100; at++) expect(reader.upstreamOfComments(postAt(at))?.node).toBe(`comments-${at}`);
  });
  expect(hundred_ms).toBeLessThan(10 * all_ms);
  expect(reader.upstreamOfComments(postAt(3_001))).toBeUndefined();
  await records.transact(always({ kind: "upstream-removed", account: commentsIri(7) }));
  expect(reader.upstreamOfComments(postAt(7))).toBeUndefined();
});

const commentsIri = (at: number): Iri => `xmpp:alice@far.example?;node=comments-${at}` as Iri;
