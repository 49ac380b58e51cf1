import { connect, createServer, type Server, type Socket } from "node:net";
import { claim } from "../support/free-port.ts";
import { startTestXmppServer, type TestXmppServer, type XmppServerName } from "../support/xmpp-server.ts";
import { HubProcess } from "./hub-process.ts";

const SECRET = "tern";
/** Servers are looked for at this port where DNS names none (RFC 6120 §3.2.2). */
const S2S_PORT = 5269;

/** What a side is, where it is not as usual. */
export interface SideWish {
  readonly server: XmppServerName;
  readonly hubEnv?: Readonly<Record<string, string>>;
}

/** Two hubs, each on a server of its own; the servers speak by real s2s (dialback) over wires that can be cut. */
export interface TwoServers extends AsyncDisposable {
  readonly here: HubProcess;
  readonly there: HubProcess;
  readonly hereServer: TestXmppServer;
  readonly thereServer: TestXmppServer;
  /** Holds back what the servers say to each other, in both directions, without either being told. */
  cut(): void;
  /** Ends what was held back and lets new connections through. */
  mend(): void;
}

/** Starts all of it on loopback addresses of its own, since the port cannot be chosen. */
export async function startTwoServers(here: SideWish, there: SideWish): Promise<TwoServers> {
  await using stack = new AsyncDisposableStack();
  const net = await ownNet();
  const sides = [
    { ...here, own: `${net}.1`, domain: `${net}.3` },
    { ...there, own: `${net}.2`, domain: `${net}.4` },
  ] as const;
  const wires: Wire[] = [];
  // Each server reaches the other by its wire only, whose address is its domain (RFC 6120 §3.2.2): no names to look up.
  for (const { own, domain } of sides) wires.push(stack.use(await Wire.open(domain, own)));
  const start = async ({ server: name, domain, own, hubEnv = {} }: (typeof sides)[number]) => {
    const federation = { kind: "on", interfaces: [own], port: S2S_PORT } as const;
    const components = [{ domain, secret: SECRET }];
    const server = stack.use(await startTestXmppServer(name, { components, federation }));
    const xmpp = { service: server.serviceOf(domain), domain, secret: SECRET };
    const hub = stack.use(await HubProcess.start({ xmpp, env: hubEnv }));
    return { server, hub };
  };
  const one = await start(sides[0]);
  const other = await start(sides[1]);
  const all = stack.move();
  return {
    here: one.hub,
    there: other.hub,
    hereServer: one.server,
    thereServer: other.server,
    cut: () => wires.forEach((wire) => wire.cut()),
    mend: () => wires.forEach((wire) => wire.mend()),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** LIMIT: nets of loopback that are tried. */
const NETS = 250;

/** The first three numbers of addresses that nobody has who asks here, as long as this process lives. */
async function ownNet(): Promise<string> {
  for (let tried = 0; tried < NETS; tried++) {
    const net = `127.${1 + ((process.pid + tried) % NETS)}.1`;
    if ((await claim(S2S_PORT, `${net}.5`)) !== undefined) return net;
  }
  throw new Error(`Expected a loopback net whose port ${S2S_PORT} is free, but found none.`);
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
