import { join } from "node:path";
import type { RecordChange } from "../src/hub/ports/records.ts";
import { openRecords } from "../src/storage/records.ts";
import type { SocialGraph } from "./social-graph.ts";

const DOCUMENTS_A_COMMIT = 1_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Puts all posts and people of a graph into the `hub.db` of a data folder. */
export async function fillFolder(folder: string, graph: Pick<SocialGraph, "documents">): Promise<void> {
  await using records = openRecords({ file: join(folder, "hub.db"), log: silent });
  let changes: RecordChange[] = [];
  const commit = async (): Promise<void> => {
    const batch = changes;
    changes = [];
    await records.transact(() => ({ changes: batch, result: undefined }));
  };
  for (const document of graph.documents()) {
    changes.push({ kind: "document-put", document });
    if (changes.length === DOCUMENTS_A_COMMIT) await commit();
  }
  await commit();
}
