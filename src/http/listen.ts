import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type Koa from "koa";
import { Fault } from "../outcome/fault.ts";

/** LIMIT: how long running requests may take to end when the server closes; after it they are cut. */
const CLOSE_MS = 5_000;
/** LIMIT: how long a peer may take to send the head of a request, and to keep a connection without one. */
const HEADERS_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 10_000;

/** A server that answers until it is disposed of. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Where it can be reached on this machine, with `/` at its end. */
  readonly url: string;
}

/**
 * Serves `app` at `host` and `port` (0 takes a free one). Disposing stops listening, ends streams that have no end of
 * their own (the app's `closing` event), waits for the other requests up to {@link CLOSE_MS}, then cuts them.
 * @throws Fault `port-taken` when somebody else listens there; `configuration` when the host or port cannot be had
 */
export async function listen(
  app: Koa,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const answer = app.callback();
  // Imports take as long as they take, so there is no time limit for a whole request here; other bodies have their own.
  const server = createServer(
    { requestTimeout: 0, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void answer(request, response),
  );
  // When closing, each connection ends with its last answer instead of waiting for another request.
  server.on("request", (_request, response) => {
    response.once("close", () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(whyNot(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return { port: taken, url: `http://${shown}:${taken}/`, [Symbol.asyncDispose]: () => close(server, app) };
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): Fault {
  switch (error.code) {
    case "EADDRINUSE":
      return new Fault(
        "port-taken",
        `Expected port ${port} of ${host} to be free, but another program listens there; end it, or choose another port with STERNA_PORT.`,
        { cause: error },
      );
    case "EACCES":
      return new Fault(
        "configuration",
        `Expected to listen at port ${port}, but the system does not allow it; choose a port above 1023 with STERNA_PORT.`,
        { cause: error },
      );
    default:
      return new Fault(
        "configuration",
        `Expected to listen at ${host}:${port}, but could not (${error.code ?? error.message}); check STERNA_HOST and STERNA_PORT.`,
        { cause: error },
      );
  }
}

async function close(server: Server, app: Koa): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  app.emit("closing");
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await closed;
  clearTimeout(timer);
}
