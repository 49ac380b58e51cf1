import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A request as the fixture saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

type Answer = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A loopback server that speaks as much of a hub's HTTP as a test says, and remembers what was asked. */
export class FixtureHub implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #routes = new Map<string, Answer>();
  readonly #server: Server;
  #otherwise: string | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port = 0): Promise<FixtureHub> {
    const server = createServer();
    const hub = new FixtureHub(server);
    server.on("request", (request, response) => void hub.#take(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    hub.json("GET /api/me", {
      kind: "account",
      name: "alice",
      iri: `${hub.url}alice#account`,
      base: hub.url,
      jid: "alice@hub.localhost",
    });
    return hub;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Answers `METHOD /path` (without the query). */
  on(route: string, answer: Answer): void {
    this.#routes.set(route, answer);
  }

  json(route: string, value: unknown, status = 200): void {
    this.on(route, (_request, response) => {
      response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" });
      response.end(JSON.stringify(value));
    });
  }

  text(route: string, type: string, text: string): void {
    this.on(route, (_request, response) => {
      response.writeHead(200, { "content-type": type });
      response.end(text);
    });
  }

  /** Answers with this whatever nothing was said about. */
  otherwise(body: string): void {
    this.#otherwise = body;
  }

  /** Ends all connections, as a hub that is killed does. */
  drop(): void {
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? "/";
    const raw = Buffer.concat(chunks);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const seen: SeenRequest = { method: request.method ?? "", path, headers: request.headers, body };
    this.seen.push(seen);
    const answer = this.#routes.get(`${seen.method} ${path.replace(/\?.*$/, "")}`);
    if (answer === undefined && this.#otherwise !== undefined) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(this.#otherwise);
    } else if (answer === undefined) {
      response.writeHead(404, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ status: 404, code: "not-found", detail: `There is nothing at ${path}.` }));
    } else await answer(seen, response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
