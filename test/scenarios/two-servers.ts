import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { startTestProsody, type TestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";

const SECRET = "tern";
/** Servers are looked for at this port where DNS names none (RFC 6120 §3.2.2). */
const S2S_PORT = 5269;

/** Two hubs, each on a Prosody of its own; the servers speak by real s2s (dialback) over wires that can be cut. */
export interface TwoServers extends AsyncDisposable {
  readonly here: HubProcess;
  readonly there: HubProcess;
  readonly hereServer: TestProsody;
  readonly thereServer: TestProsody;
  /** Holds back what the servers say to each other, in both directions, without either being told. */
  cut(): void;
  /** Ends what was held back and lets new connections through. */
  mend(): void;
}

/** Starts all of it on loopback addresses of its own, since the port cannot be chosen. */
export async function startTwoServers(): Promise<TwoServers> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sterna-servers-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const net = `127.${1 + (process.pid % 250)}.${Math.floor(Math.random() * 250)}`;
  const sides = [
    { domain: "here.test", own: `${net}.1`, wire: `${net}.3` },
    { domain: "there.test", own: `${net}.2`, wire: `${net}.4` },
  ] as const;
  const wires: Wire[] = [];
  for (const { own, wire } of sides) wires.push(stack.use(await Wire.open(wire, own)));
  // Each server reaches the other by its wire only.
  const hostsFile = join(folder, "hosts");
  await writeFile(hostsFile, sides.map(({ domain, wire }) => `${wire} ${domain}\n`).join(""));
  const start = async ({ domain, own }: (typeof sides)[number]) => {
    const federation = { kind: "on", interfaces: [own], port: S2S_PORT, hostsFile } as const;
    const server = stack.use(await startTestProsody({ components: [{ domain, secret: SECRET }], federation }));
    const xmpp = { service: server.service, domain, secret: SECRET };
    const hub = stack.use(await HubProcess.start({ port: await freePort(), xmpp }));
    return { server, hub };
  };
  const here = await start(sides[0]);
  const there = await start(sides[1]);
  const all = stack.move();
  return {
    here: here.hub,
    there: there.hub,
    hereServer: here.server,
    thereServer: there.server,
    cut: () => wires.forEach((wire) => wire.cut()),
    mend: () => wires.forEach((wire) => wire.mend()),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A TCP proxy in front of a server. */
class Wire implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(to: string) {
    this.#server = createServer((near) => {
      const far = connect(S2S_PORT, to);
      for (const [from, onto] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on("data", (bytes: Buffer) => void (this.#isCut || onto.write(bytes)));
        from.on("error", () => undefined);
        from.on("close", () => {
          this.#sockets.delete(from);
          onto.destroy();
        });
      }
    });
  }

  static async open(at: string, to: string): Promise<Wire> {
    const wire = new Wire(to);
    await new Promise<void>((resolve, reject) => {
      wire.#server.once("error", reject);
      wire.#server.listen(S2S_PORT, at, resolve);
    });
    return wire;
  }

  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mend();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
