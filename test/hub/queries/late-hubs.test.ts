import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LateHubs } from "../../../src/hub/queries/network/late-hubs.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

it("a hub that was late gets less time for a minute, or until it answers", () => {
  const late = new LateHubs();
  expect(late.timeFor("a", 5_000)).toBe(5_000);
  late.note("a", true);
  expect([late.timeFor("a", 5_000), late.timeFor("a", 100), late.timeFor("b", 5_000)]).toEqual([500, 100, 5_000]);
  vi.setSystemTime(Date.now() + 60_001);
  expect(late.timeFor("a", 5_000)).toBe(5_000);
  late.note("a", true);
  late.note("a", false);
  expect(late.timeFor("a", 5_000)).toBe(5_000);
});

it("a hub that is late again with less time gets all of it after the same minute", () => {
  const late = new LateHubs();
  late.note("a", true);
  vi.setSystemTime(Date.now() + 59_000);
  late.note("a", true);
  expect(late.timeFor("a", 5_000)).toBe(500);
  vi.setSystemTime(Date.now() + 1_001);
  expect(late.timeFor("a", 5_000)).toBe(5_000);
});
