import { openSampleHub } from "../http/sample-hub.ts";
import { freePort } from "../support/free-port.ts";
import type { Suite } from "./suites.ts";

/** A hub that listens, and the address that the requests of a suite go to. */
export interface Endpoint extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts what the tests of a protocol talk to. The service description is a real hub's as it is. The other two suites
 * assume a dataset that anybody may write.
 */
export async function openEndpoint(
  kind: NonNullable<Suite["endpoint"]>,
  { source }: { readonly source: boolean },
): Promise<Endpoint> {
  void source;
  const port = await freePort();
  const base = `http://127.0.0.1:${port}/`;
  const hub = await openSampleHub({ STERNA_PORT: String(port), STERNA_BASE: base });
  const path = kind === "graphStoreEndpoint" ? "rdf-graph-store" : "sparql";
  return { url: base + path, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}
