import { createServer, type Server } from "node:net";

/**
 * Ports for tests: below those that systems give out by themselves (Linux from 32768 on, others from 49152 on), so that
 * no connection and no server that asks for any port is given one, and above those that HTTP clients refuse to call.
 */
const PORTS = { first: 20_000, last: 31_999 } as const;
/** LIMIT: ports of one process before it takes another block. */
const BLOCK = 100;
const BLOCKS = (PORTS.last + 1 - PORTS.first) / BLOCK;
const LOOPBACK = "127.0.0.1";

/** The next port of this process's block, and the end of the block. */
let [next, end] = [0, 0];

/**
 * `count` TCP ports that are free on an address now (loopback when not told), and stay so: no other process that asks
 * here is given one of them while this one runs, and this one is given each port once. So a server can be stopped and
 * started again on its port, and a port where nobody listens goes on having nobody.
 */
export async function freePorts(count: number, host = LOOPBACK): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    if (next === end) [next, end] = await takeBlock();
    const port = next++;
    if (await isFree(port, host)) ports.push(port);
  }
  return ports;
}

/** One free TCP port; see {@link freePorts}. */
export async function freePort(host = LOOPBACK): Promise<number> {
  const [port] = await freePorts(1, host);
  if (port === undefined) throw new Error("There is no free port.");
  return port;
}

/**
 * Listens at an address as long as this process lives, without keeping it alive: a sign to others that what belongs to
 * the address is taken. Undefined when somebody has it.
 */
export async function claim(port: number, host: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  const claimed = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  return claimed ? server.unref() : undefined;
}

/** The ports of a block after its first, which shows that it is taken. */
async function takeBlock(): Promise<readonly [next: number, end: number]> {
  for (let tried = 0; tried < BLOCKS; tried++) {
    const first = PORTS.first + ((process.pid + tried) % BLOCKS) * BLOCK;
    if ((await claim(first, LOOPBACK)) !== undefined) return [first + 1, first + BLOCK];
  }
  throw new Error(`Expected a free block among the ports ${PORTS.first} to ${PORTS.last}, but all are taken.`);
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = await claim(port, host);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}
