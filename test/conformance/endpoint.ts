import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Store } from "n3";
import { createApp } from "../../src/http/app.ts";
import type { HubPorts } from "../../src/hub/ports/hub-ports.ts";
import { createEngine } from "../../src/query/engine.ts";
import { openSampleHub } from "../http/sample-hub.ts";
import { scratchStore } from "./scratch-store.ts";
import type { Suite } from "./suites.ts";

/** A hub that listens, and the address that the requests of a suite go to. */
export interface Endpoint extends AsyncDisposable {
  readonly url: string;
}

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Starts what the tests of a protocol talk to. The service description is that of a hub as it is. The other suites
 * assume a dataset that anybody may write, which {@link scratchStore} gives to the same HTTP code. Only graphs with
 * addresses of their own (direct graph identification) need none: they are those of an account, written with its token.
 */
export async function openEndpoint(
  kind: NonNullable<Suite["endpoint"]>,
  { source }: { readonly source: boolean },
): Promise<Endpoint> {
  await using stack = new AsyncDisposableStack();
  // The port is known before the hub is, whose IRIs it stands in; until then nobody is answered.
  let answer: Answerer = (_, response) => response.destroy();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { hub, tokens } = stack.use(await openSampleHub({ STERNA_BASE: base }));
  const ports = source ? hub.ports : { ...hub.ports, queries: stack.use(engineWithoutSource(hub.ports)) };
  const real = createApp(ports, { version: "0" }).callback();
  const graphs = scratchStore(new Store(), ports.identity.base);
  const scratch = createApp(ports, { version: "0", graphs }).callback();
  answer = (request, response) => {
    const { url = "/", headers } = request;
    if (kind === "serviceDescriptionEndpoint") return void real(request, response);
    const direct = url.startsWith(DIRECT);
    request.url = direct ? `/alice/graphs/${url.slice(DIRECT.length)}` : url.replace(/^\/gsp(?=$|\?)/, "/sparql/graph");
    if (direct) headers.authorization ??= `Bearer ${tokens.alice}`;
    void (direct ? real : scratch)(request, response);
  };
  const opened = stack.move();
  return {
    url: base + (kind === "graphStoreEndpoint" ? "gsp" : "sparql"),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Below the graph store's address in the manifest, which leaves it to us where that is. */
const DIRECT = "/gsp/person/";

function engineWithoutSource({ quads, log }: HubPorts) {
  const limits = { timeout_ms: 60_000, rows_max: 1_000_000 };
  return createEngine({ quads, catalogue: new Map(), limits, log, source: "off" });
}
