import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { findService } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { PATIENCE_MS } from "../support/patience.ts";

const SCRIPT = new URL("slixmpp-client.py", import.meta.url).pathname;

/** A line that the client says: an answer by its `id`, or an `event`. */
type Line = Readonly<Record<string, unknown>>;

/** Somebody logged in to their XMPP server with slixmpp, which knows nothing of Sterna; see slixmpp-client.py. */
export class SlixmppClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines = new EventEmitter();
  #heard: Line[] = [];
  #ids = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    const end = (line: Line): void => {
      this.#heard.push(line);
      this.#lines.emit("line");
    };
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (text) => end(JSON.parse(text) as Line));
    }
    child.once("exit", (code) => end({ event: "exit", code }));
  }

  static async open(port: number, jid: string, password: string): Promise<SlixmppClient> {
    const python = await findService("slixmpp");
    if (isRefusal(python)) throw new Error(python.message);
    const parameters = [...python.parameters, SCRIPT, jid, password, String(port)];
    const child = spawn(python.command, parameters, {
      env: { ...process.env, ...python.env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    await using stack = new AsyncDisposableStack();
    const client = stack.use(new SlixmppClient(child));
    await client.hears({ event: "online" });
    stack.move();
    return client;
  }

  /** Has something done, and resolves with what came of it: `{ done }`, or `{ no: { condition, pubsub, text } }`. */
  async ask(what: string, parameters: Readonly<Record<string, unknown>>): Promise<Line> {
    const id = ++this.#ids;
    this.#child.stdin?.write(`${JSON.stringify({ id, do: what, ...parameters })}\n`);
    const { id: _, ...answer } = await this.hears({ id });
    return answer;
  }

  /** Waits for a line with all of these values, and takes it out of what was heard. */
  async hears(wanted: Line): Promise<Line> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = this.#heard.find((line) => Object.entries(wanted).every(([key, value]) => line[key] === value));
      if (found !== undefined) {
        this.#heard = this.#heard.filter((line) => line !== found);
        return found;
      }
      const ended = this.#heard.find(({ event }) => event === "exit");
      const what = `Expected to hear ${JSON.stringify(wanted)}`;
      if (ended !== undefined) throw new Error(`${what}, but the client ended with ${String(ended["code"])}.`);
      await once(this.#lines, "line", { signal: late }).catch(() => {
        throw new Error(`${what}, but heard: ${JSON.stringify(this.#heard)}`);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}
