import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A small HTTP server on loopback that answers as a test says, and remembers what it was asked. */
export interface SmallServer extends AsyncDisposable {
  /** Ends in `/`. */
  readonly url: string;
  readonly seen: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  /** Answers that the other side broke off. */
  readonly brokenOff: Promise<void>;
}

export async function openServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<SmallServer> {
  const seen: SmallServer["seen"] = [];
  const broken = Promise.withResolvers<void>();
  const listener: RequestListener = (request, response) => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    response.on("close", () => {
      if (!response.writableFinished) broken.resolve();
    });
    answer(request, response);
  };
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    brokenOff: broken.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
