import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../test/support/free-port.ts";
import { fillFolder } from "./fill-folder.ts";
import type { SocialGraph } from "./social-graph.ts";

const PROGRAM = join(import.meta.dirname, "../dist/sterna.js");

/** Builds what is older than its sources. */
function buildProgram(): void {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "../scripts/build.ts")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error("Expected the hub to build, but it does not; see the messages above.");
}

/** What a hub answered, and how long that took with its last byte. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly time_ms: number;
}

/**
 * The built program (`dist/`) as its owner runs it, on a data folder with the posts of a {@link SocialGraph}, in a
 * process of its own whose memory is read from `/proc`.
 */
export class ServedHub implements AsyncDisposable {
  readonly base: string;
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #others = new Agent({ keepAlive: false });

  private constructor(base: string, folder: string, child: ChildProcess) {
    this.base = base;
    this.folder = folder;
    this.#child = child;
  }

  /** With as many posts as a graph has; `program` is the built one unless told otherwise. */
  static async start(
    graph: Pick<SocialGraph, "posts" | "base" | "documents">,
    env: Readonly<Record<string, string>> = {},
    program: string = PROGRAM,
  ): Promise<ServedHub> {
    if (program === PROGRAM) buildProgram();
    if (!existsSync(program)) throw new Error(`Expected a hub's program at ${program}, but there is none.`);
    const folder = await mkdtemp(join(tmpdir(), "sterna-bench-hub-"));
    await mkdir(join(folder, "data"));
    if (graph.posts > 0) await fillFolder(join(folder, "data"), graph);
    const port = Number(env["STERNA_PORT"] ?? (await freePort()));
    const base = `http://localhost:${port}/`;
    const child = spawn(process.execPath, [program, "serve"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        STERNA_DATA: join(folder, "data"),
        STERNA_PORT: String(port),
        STERNA_BASE: graph.base,
        STERNA_XMPP: "off",
        STERNA_LOG: "error",
        ...env,
      },
    });
    const up = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line.startsWith("Sterna is up")) resolve();
      });
      child.once("exit", (code) => reject(new Error(`Expected a hub, but it ended with ${code} before it was up.`)));
    });
    await up;
    return new ServedHub(base, folder, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    this.#others.destroy();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  /** One request over the kept connection, or over one of its own. */
  async call(
    method: string,
    path: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly own?: boolean;
    } = {},
  ): Promise<Answered> {
    const { headers = {}, body = "", own = false } = options;
    const begun = performance.now();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const wish = {
        agent: own ? this.#others : this.#agent,
        method,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      };
      request(new URL(path, this.base), wish, resolve).on("error", reject).end(body);
    });
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
    return { status: response.statusCode ?? 0, body: text, time_ms: performance.now() - begun };
  }

  /** A query over a connection of its own. */
  async query(text: string): Promise<Answered> {
    const headers = { accept: "application/sparql-results+json", "content-type": "application/sparql-query" };
    return await this.call("POST", "sparql", { headers, body: text, own: true });
  }

  /** Makes an account; gives its token. */
  async account(name: string): Promise<string> {
    const owner = (await readFile(join(this.folder, "data/owner-token"), "utf8")).trim();
    const headers = {
      authorization: `Bearer ${owner}`,
      "content-type": "application/json",
      accept: "application/json",
    };
    const { status, body } = await this.call("POST", "api/accounts", { headers, body: JSON.stringify({ name }) });
    if (status !== 201 && status !== 200) throw new Error(`Expected an account, but got ${status}: ${body}`);
    return String((JSON.parse(body) as { readonly token: unknown }).token);
  }

  /** Resident memory in MB: of the hub's own process, and of all its processes together. */
  memory(): { readonly hub_mb: number; readonly all_mb: number } {
    const pid = this.#child.pid ?? 0;
    const hub_mb = residentOf(pid);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return { hub_mb, all_mb: children.reduce((sum, child) => sum + residentOf(Number(child)), hub_mb) };
  }
}

function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_000;
  } catch {
    // It ended in between.
    return 0;
  }
}
