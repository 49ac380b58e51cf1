import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { PATIENCE_MS } from "../support/patience.ts";

/** A stream to an XMPP server that says whatever it is told to, byte for byte, and keeps all that it hears. */
export class RawStream implements AsyncDisposable {
  readonly #socket: Socket;
  #heard = "";

  protected constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setEncoding("utf8");
    this.#socket.on("data", (text: string) => {
      this.#heard += text;
      this.#socket.emit("heard");
    });
    this.#socket.on("error", () => undefined);
  }

  protected async connected(): Promise<void> {
    await once(this.#socket, "connect");
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
