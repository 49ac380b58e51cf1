import { followToQuads } from "../../../src/core/follow.ts";
import { accountIris } from "../../../src/core/hub-iris.ts";
import { followGraph } from "../../../src/hub/following/follow-account.ts";
import type { HubPorts } from "../../../src/hub/ports/hub-ports.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { type Holder, must, type TestHub } from "../test-hub.ts";

/** The document that says that an account of this hub follows another, without asking anybody about that one. */
export async function keepFollow(ports: HubPorts, { account, iri }: Holder, followed: string): Promise<void> {
  const now = ports.now();
  const document = {
    graph: followGraph(ports, account.name, followed as Iri),
    kind: "follow",
    audience: account.privateFollows === true ? { only: iri } : "public",
    origin: { kind: "own" },
    author: iri,
    container: accountIris(ports.identity.base, account.name).following,
    created: now,
    received: now,
    quads: followToQuads(iri, followed as Iri),
  } as const;
  must(await ports.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined })));
}

/** {@link keepFollow} at a hub under test. */
export function follows(hub: TestHub, by: Holder, followed: string): Promise<void> {
  return keepFollow(hub.ports, by, followed);
}
