import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** LIMIT: what has not come by then does not come. */
const PATIENCE_MS = 15_000;

/** A component of a server (XEP-0114) that says whatever it is told to, byte for byte. */
export class RawComponent implements AsyncDisposable {
  readonly #socket: Socket;
  #heard = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      this.#heard += text;
      socket.emit("heard");
    });
    socket.on("error", () => undefined);
  }

  /** Connects as `domain`; resolves when the server took the handshake. */
  static async open(port: number, domain: string, secret: string): Promise<RawComponent> {
    const socket = connect(port, "127.0.0.1");
    const component = new RawComponent(socket);
    await once(socket, "connect");
    component.say(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
    );
    const [, id = ""] = await component.hears(/<stream:stream[^>]*\bid=['"]([^'"]+)/);
    component.say(`<handshake>${createHash("sha1").update(`${id}${secret}`).digest("hex")}</handshake>`);
    await component.hears(/<handshake\s*\/>|<handshake>/);
    return component;
  }

  /** All that came so far. */
  get heard(): string {
    return this.#heard;
  }

  /** Sends text as it is. */
  say(xml: string): void {
    this.#socket.write(xml);
  }

  /** Resolves with the first match of `wanted` in all that came; fails when it does not come. */
  async hears(wanted: RegExp): Promise<RegExpExecArray> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = wanted.exec(this.#heard);
      if (found !== null) return found;
      await once(this.#socket, "heard", { signal: late }).catch(() => {
        throw new Error(`Expected to hear ${String(wanted)}, but heard: ${this.#heard.slice(-2_000)}`);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    this.#socket.destroy();
    await closed;
  }
}
