import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";

/** Where proxies stand: this machine and private networks (RFC 1918, RFC 4193). */
const NEAR = new BlockList();
NEAR.addSubnet("127.0.0.0", 8);
NEAR.addSubnet("10.0.0.0", 8);
NEAR.addSubnet("172.16.0.0", 12);
NEAR.addSubnet("192.168.0.0", 16);
NEAR.addAddress("::1", "ipv6");
NEAR.addSubnet("fc00::", 7, "ipv6");

/** LIMIT: characters of an address that a proxy names. */
const ADDRESS_LENGTH_MAX = 64;

/** By which address an asker is counted, and by which proxy they came. */
export interface AskerAddress {
  readonly address: string;
  readonly proxy?: string;
}

/**
 * Who asks, for limits. Through a proxy all have its address, so there the last address of `X-Forwarded-For`, which
 * is the one that the proxy itself saw, counts beside it. It is read only from near, where proxies stand, and what a
 * proxy lets through of it is anybody's word: bound all that come by one proxy, too.
 */
export function askerAddress({ socket, headers }: Pick<IncomingMessage, "socket" | "headers">): AskerAddress {
  const seen = socket.remoteAddress ?? "";
  const forwarded = headers["x-forwarded-for"];
  const named = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "")).split(",").at(-1)?.trim() ?? "";
  const isNear = seen !== "" && NEAR.check(seen, isIPv6(seen) ? "ipv6" : "ipv4");
  if (!isNear || named === "") return { address: seen };
  return { address: `${seen} ${named.slice(0, ADDRESS_LENGTH_MAX)}`, proxy: seen };
}
