import { describe, expect, it } from "vitest";
import { addressToAsk, isPrivateAddress } from "../../src/feeds/guarded-request.ts";

describe("an address that is nobody's business", () => {
  it.each([
    ...["127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"],
    ...["224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff02::1"],
    // IPv4 in the clothes of IPv6: mapped, compatible, NAT64, 6to4.
    ...["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:a00:1", "::7f00:1", "::192.168.0.1"],
    ...["64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::5", "2001::1", "localhost", ""],
  ])("is %s", (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each([
    ...["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001:81b::200e", "2003::1"],
    ...["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"],
  ])("is not %s", (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });

  it.each(["http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0x7f.1/", "http://[64:ff9b::a00:1]/"])(
    "is refused before anything is sent, however it is written: %s",
    (address) => {
      const guard = { allowPrivate: false, userAgent: "test" };
      expect(addressToAsk(address, guard)).toMatchObject({ code: "forbidden" });
      expect(addressToAsk(address, { ...guard, allowPrivate: true })).toBeInstanceOf(URL);
    },
  );
});
