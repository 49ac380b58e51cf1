import { followToQuads } from "../../../src/core/follow.ts";
import { followGraph } from "../../../src/hub/following/follow-account.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { type Holder, irisOf, must, type TestHub } from "../test-hub.ts";

/** The document that says that an account of this hub follows another, without asking anybody about that one. */
export async function follows(hub: TestHub, by: Holder, followed: string): Promise<void> {
  const { ports } = hub;
  const now = ports.now();
  const document = {
    graph: followGraph(ports, by.account.name, followed as Iri),
    kind: "follow",
    audience: by.account.privateFollows === true ? { only: by.iri } : "public",
    origin: { kind: "own" },
    author: by.iri,
    container: irisOf(hub, by).following,
    created: now,
    received: now,
    quads: followToQuads(by.iri, followed as Iri),
  } as const;
  must(await ports.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined })));
}
