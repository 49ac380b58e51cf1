import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A message as it came in. */
export interface ReceivedHook {
  readonly id: string;
  readonly timestamp: number;
  readonly dropped: number;
  readonly raw: string;
  readonly body: {
    readonly type: string;
    readonly data: { readonly item: string; readonly values: Readonly<Record<string, string>> } & Record<
      string,
      unknown
    >;
  };
}

/** How a receiver answers: a status, or what it does with the response. */
export type HookAnswer = number | ((response: ServerResponse) => void);

/** A small HTTP server that takes webhooks in; it checks each signature with the secret that it was told. */
export class HookReceiver implements AsyncDisposable {
  readonly url: string;
  readonly received: ReceivedHook[] = [];
  /** What is wrong with what came in. */
  readonly complaints: string[] = [];
  /** How it answers; 204 where nothing else is said. */
  answer: (hook: ReceivedHook) => HookAnswer = () => 204;
  secret = "";
  readonly #server: Server;
  #heard = (): void => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  }

  static async open(port = 0): Promise<HookReceiver> {
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        receiver.#take(Buffer.concat(chunks).toString(), (name) => String(request.headers[name] ?? ""), response);
      })().catch(() => response.destroy());
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const receiver = new HookReceiver(server);
    return receiver;
  }

  #take(raw: string, header: (name: string) => string, response: ServerResponse): void {
    const [id, timestamp] = [header("webhook-id"), header("webhook-timestamp")];
    const key = Buffer.from(this.secret.replace(/^whsec_/, ""), "base64");
    const signature = `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${raw}`).digest("base64")}`;
    if (header("webhook-signature") !== signature) this.complaints.push(`${id} is signed wrong`);
    if (header("content-type") !== "application/json") this.complaints.push(`${id} is no JSON`);
    const body = JSON.parse(raw) as ReceivedHook["body"];
    const hook = { id, timestamp: Number(timestamp), dropped: Number(header("sterna-dropped") || 0), raw, body };
    this.received.push(hook);
    const answer = this.answer(hook);
    if (typeof answer === "number") response.writeHead(answer).end();
    else answer(response);
    this.#heard();
  }

  /** Resolves when so many have come in. */
  async hears(count: number): Promise<readonly ReceivedHook[]> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    return this.received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
