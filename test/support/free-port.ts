import { type AddressInfo, createServer, type Server } from "node:net";

/**
 * `count` TCP ports that are free on an address now (loopback when not told). All are held until the last is found, so
 * they differ; nothing keeps another process from taking one afterwards, which the system makes unlikely by giving
 * others first.
 */
export async function freePorts(count: number, host = "127.0.0.1"): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(host)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** One free TCP port; see {@link freePorts}. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const [port] = await freePorts(1, host);
  if (port === undefined) throw new Error("The system gave no free port.");
  return port;
}

function listen(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => resolve(server));
  });
}
