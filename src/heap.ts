import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** LIMIT: quads below which filling leaves too little behind to give the room back as well, which takes a tenth of a second. */
const QUADS_MIN = 20_000;

/** How much the heap may grow over what it held after the last collection, before the next, in percent. */
const GROWTH_PERCENT = 40;

/**
 * Has V8 collect sooner than it does by itself, which is when the heap is up to four times what it holds: a hub of 5,000
 * posts that serves pages takes 305 MB so, and 370 without it, at the same use of the processor (within a tenth).
 */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}

/**
 * Gives back what filling a store left behind: texts and terms that were read and are held no more, and the room they
 * stood in. V8 does so by itself only when more is allocated, and a hub that has started allocates little for a long
 * time: 140 MB of 355 at 10,000 posts. Takes 0.3 s there, and 1 s at 100,000, once.
 *
 * A hub of few posts has little to give back, but the bound of {@link boundHeapGrowth} counts from the first
 * collection: without one a fan-out of 100,000 notifications left 95 MB of garbage lying. It takes 0.03 s. And its young
 * generation stays as large as the start made it, where it would double under that load, by 67 MB, for good.
 */
export function collectGarbage(quads: number): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { readonly type: string; readonly flavor: string }) => void;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", flavor: quads < QUADS_MIN ? "regular" : "last-resort" });
  // The other flavour has just made the young generation as small as it gets: it must grow again.
  if (quads < QUADS_MIN) setFlagsFromString("--semi-space-growth-factor=1");
}
