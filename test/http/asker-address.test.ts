import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { askerAddress } from "../../src/http/asker-address.ts";

const asker = (remoteAddress: string | undefined, forwarded?: string) =>
  askerAddress({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  } as unknown as IncomingMessage);

it.each(["127.0.0.1", "::1", "::ffff:10.1.2.3", "192.168.0.2", "172.20.0.3", "fd00::1"])(
  "counts who comes through a proxy at %s by the address that the proxy saw",
  (proxy) => {
    expect(asker(proxy, "203.0.113.9, 198.51.100.7")).toEqual({ address: `${proxy} 198.51.100.7`, proxy });
    expect(asker(proxy)).toEqual({ address: proxy });
  },
);

it("believes no such header from afar, and bounds what it takes from near", () => {
  for (const address of ["203.0.113.9", "2001:db8::1", "172.32.0.1"]) {
    expect(asker(address, "198.51.100.7")).toEqual({ address });
  }
  expect(asker(undefined, "198.51.100.7")).toEqual({ address: "" });
  expect(asker("127.0.0.1", "x".repeat(5_000)).address).toHaveLength("127.0.0.1 ".length + 64);
});
