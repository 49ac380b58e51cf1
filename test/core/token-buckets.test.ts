import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBuckets } from "../../src/core/token-buckets.ts";

const limits = { perSecond: 10, burst: 40, buckets_max: 3 };

function taken(buckets: TokenBuckets, key: string, at_ms: number, times: number): number {
  return Array.from({ length: times }, () => buckets.take(key, at_ms)).filter(Boolean).length;
}

describe("token buckets", () => {
  it("give what they hold at once, and then what they gain", () => {
    const buckets = new TokenBuckets(limits);
    expect(taken(buckets, "a", 0, 100)).toBe(40);
    expect(taken(buckets, "a", 50, 100)).toBe(0);
    expect(taken(buckets, "a", 1_000, 100)).toBe(10);
    expect(taken(buckets, "a", 1_000_000, 100)).toBe(40);
  });

  it("keep one key apart from another", () => {
    const buckets = new TokenBuckets(limits);
    taken(buckets, "a", 0, 100);
    expect(taken(buckets, "b", 0, 100)).toBe(40);
  });

  it("gain nothing when the time goes back, and are not stuck by it", () => {
    const buckets = new TokenBuckets(limits);
    expect(taken(buckets, "a", 10_000, 40)).toBe(40);
    expect(taken(buckets, "a", 5_000, 1)).toBe(0);
    expect(taken(buckets, "a", 6_000, 100)).toBe(10);
  });

  it("forget the one not used for longest, and hold no more than they may", () => {
    const buckets = new TokenBuckets(limits);
    taken(buckets, "a", 0, 40);
    taken(buckets, "b", 0, 40);
    taken(buckets, "c", 0, 40);
    buckets.take("a", 0);
    buckets.take("d", 0);
    expect(buckets.size).toBe(3);
    expect([buckets.take("a", 0), buckets.take("c", 0), buckets.take("b", 0)]).toEqual([false, false, true]);
  });

  it("never give more than the burst and what was gained, whatever comes when", () => {
    const steps = fc.array(fc.record({ wait_ms: fc.nat(3_000), times: fc.nat(60) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (all) => {
        const buckets = new TokenBuckets(limits);
        let [now_ms, given] = [0, 0];
        for (const { wait_ms, times } of all) {
          now_ms += wait_ms;
          given += taken(buckets, "a", now_ms, times);
          expect(given).toBeLessThanOrEqual(limits.burst + (now_ms / 1_000) * limits.perSecond + 1e-6);
        }
      }),
    );
  });
});
