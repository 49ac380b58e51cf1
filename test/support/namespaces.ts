import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { on, once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { PATIENCE_MS } from "./patience.ts";
import type { RelayAnswer, RelayOrder } from "./relay.ts";

/** Whether this process may make network namespaces, which wants root; `ip` of iproute2 has to be there with CI=true. */
export const canMakeNamespaces =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["-n", "-m", "true"]).status === 0 &&
  (process.env["CI"] === "true" || spawnSync("ip", ["-V"]).status === 0);

const RELAY = new URL("relay.ts", import.meta.url).pathname;
/** A network for documentation (RFC 5737): nobody's, and for a hub not private. */
const NETWORK = "203.0.113";

/** Where a relay leads, seen from the namespace that it stands in. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** A machine of its own, as far as the network goes. */
export interface Namespace {
  readonly name: string;
  /** Its address in the network of all of them. */
  readonly address: string;
  /** What to write before a command for it to run there, as the process that was started. */
  readonly command: readonly string[];
  /** A port of this machine's loopback that leads in there and on to `to`: the same one each time. */
  door(to: Destination): Promise<number>;
  /** Listens at the namespace's own address for all others and leads to `to`, keeping what comes in for a while. */
  slow(port: number, to: Destination, delay_ms: number): Promise<void>;
}

/** Namespaces on one bridge, and nothing else on it: no way in or out but by {@link Namespace.door}. */
export interface Namespaces extends AsyncDisposable {
  readonly all: readonly Namespace[];
}

/**
 * Makes `count` network namespaces, each with a veth pair to a bridge that has a namespace of its own, so that nothing
 * of the machine's own network is touched. At the end, or when this process ends before, they go with all that runs in
 * them. Only where {@link canMakeNamespaces}; wants `ip` of iproute2.
 */
export async function openNamespaces(count: number): Promise<Namespaces> {
  await using stack = new AsyncDisposableStack();
  const run = `sterna-${process.pid}-${randomBytes(3).toString("hex")}`;
  const bridge = `${run}-bridge`;
  const names = Array.from({ length: count }, (_, at) => `${run}-${at + 1}`);
  stack.use(removal([bridge, ...names]));
  ip(undefined, ...[bridge, ...names].map((name) => `netns add ${name}`));
  ip(bridge, "link add bridge0 type bridge", "link set bridge0 up");
  const all: RelayedNamespace[] = [];
  for (const [index, name] of names.entries()) {
    const at = index + 1;
    const address = `${NETWORK}.${at}`;
    ip(bridge, `link add port${at} type veth peer name eth0 netns ${name}`, `link set port${at} master bridge0 up`);
    ip(name, `addr add ${address}/24 dev eth0`, "link set eth0 up", "link set lo up");
    all.push(stack.use(new RelayedNamespace(name, address)));
  }
  const made = stack.move();
  return { all, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

// What is in them is ours: nothing else knows their names.
const REMOVE = `cat >/dev/null
for name; do ip netns pids "$name" | xargs -r kill -9; ip netns delete "$name"; done 2>/dev/null`;

/** Removes namespaces with all that runs in them: in a process of its own, which does so too when this one is killed. */
function removal(names: readonly string[]): AsyncDisposable {
  const shell = spawn("sh", ["-c", REMOVE, "sh", ...names], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = once(shell, "exit");
      shell.stdin.end();
      await ended;
    },
  };
}

/** Runs commands of `ip`, in a namespace or outside; throws with what it says when one fails. */
function ip(namespace: string | undefined, ...commands: readonly string[]): void {
  const where = namespace === undefined ? [] : ["-n", namespace];
  const { error, status, stderr } = spawnSync("ip", [...where, "-batch", "-"], { input: `${commands.join("\n")}\n` });
  if (error !== undefined) throw new Error(`Expected ip of Debian's iproute2, but it does not start: ${error.message}`);
  if (status !== 0) throw new Error(`ip could not do "${commands.join("; ")}": ${String(stderr)}`);
}

class RelayedNamespace implements Namespace, AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly #doors = new Map<string, Promise<number>>();
  #relay: ChildProcess | undefined;
  #orders = 0;

  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
  }

  get command(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  async door(to: Destination): Promise<number> {
    const key = `${to.host} ${to.port}`;
    const door = this.#doors.get(key) ?? this.#open(to);
    this.#doors.set(key, door);
    return await door;
  }

  async #open(to: Destination): Promise<number> {
    // A socket belongs to the namespace that it was opened in, whoever listens to it afterwards.
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await this.#order({ to, delay_ms: 0 }, server);
    server.close();
    return port;
  }

  async slow(port: number, to: Destination, delay_ms: number): Promise<void> {
    await this.#order({ at: { host: this.address, port }, to, delay_ms });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const relay = this.#relay;
    if (relay === undefined || relay.exitCode !== null) return;
    const ended = once(relay, "exit");
    relay.kill("SIGKILL");
    await ended;
  }

  async #order(order: Omit<RelayOrder, "number">, server?: Server): Promise<void> {
    const [command = "", ...parameters] = this.command;
    this.#relay ??= spawn(command, [...parameters, process.execPath, RELAY], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const number = ++this.#orders;
    const answers = on(this.#relay, "message", { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.#relay.send({ ...order, number }, server);
    for await (const [answer] of answers as AsyncIterable<readonly [RelayAnswer]>) {
      if (answer.number !== number) continue;
      if (answer.problem === undefined) return;
      throw new Error(`The relay in ${this.name} could not begin: ${answer.problem}`);
    }
  }
}
