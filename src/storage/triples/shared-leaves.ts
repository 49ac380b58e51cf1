import type { Store } from "n3";
import { Fault } from "../../outcome/fault.ts";
import { SIZE } from "./n3-inside.ts";

/** One level of an N3 index: what stands below each number, or nothing more in the last level, and how many there are. */
type Level<T> = Record<number, T> & { [SIZE]: number };
type Leaf = Level<null>;
type Branch = Level<Leaf>;

/**
 * A level with one key. The count stands in the prototype, so that the object has no property but the key: 168 bytes
 * where N3's own take 200.
 */
class Single<T> {
  declare readonly [SIZE]: number;
  [key: number]: T;

  constructor(key: number, value: T) {
    this[key] = value;
  }
}
Object.defineProperty(Single.prototype, SIZE, { value: 1, writable: true });

/** The two methods by which N3 writes into its indexes, and which are replaced here. */
interface Written {
  _addToIndex(root: Level<Branch>, key0: number, key1: number, key2: number): boolean;
  _removeFromIndex(root: Level<Branch>, key0: number, key1: number, key2: number): void;
}

/** What must be told when a term goes. */
export interface SharedLeaves {
  /** Lets the leaf of a number go that stands in no index any more. */
  release(number: number): void;
}

/**
 * Makes an N3 Store keep one leaf for each number in place of one for each triple and index: nearly all leaves hold one
 * number only (a subject has one content, a subject and an object have one predicate), and those of the same number are
 * the same. A shared leaf is never changed: where a second number comes, another takes its place. What reads the
 * indexes, N3 itself before all, sees no difference; a bare store takes 0.93 kB a triple, this one half of it.
 * @throws Fault `internal` when this n3 is built differently
 */
export function shareLeaves(store: Store): SharedLeaves {
  const written = store as unknown as Written;
  if (typeof written._addToIndex !== "function" || typeof written._removeFromIndex !== "function") {
    throw new Fault(
      "internal",
      "Expected n3 2.13 to write its indexes in its own two methods; install the pinned version.",
    );
  }
  const leaves: Record<number, Leaf> = Object.create(null) as Record<number, Leaf>;
  const leafOf = (number: number): Leaf => (leaves[number] ??= new Single<null>(number, null));
  written._addToIndex = (root, key0, key1, key2) => {
    const branch = root[key0];
    if (branch === undefined) {
      root[key0] = new Single(key1, leafOf(key2));
      root[SIZE]++;
      return true;
    }
    const leaf = branch[key1];
    if (leaf === undefined) {
      branch[key1] = leafOf(key2);
      // Of a Single this makes a property of its own.
      branch[SIZE]++;
      return true;
    }
    if (key2 in leaf) return false;
    if (leaf instanceof Single) branch[key1] = { ...leaf, [SIZE]: 2, [key2]: null };
    else {
      leaf[key2] = null;
      leaf[SIZE]++;
    }
    return true;
  };
  written._removeFromIndex = (root, key0, key1, key2) => {
    const branch = root[key0];
    const leaf = branch?.[key1];
    if (branch === undefined || leaf === undefined) return;
    if (!(leaf instanceof Single)) {
      delete leaf[key2];
      if (--leaf[SIZE] > 0) return;
    }
    delete branch[key1];
    if (--branch[SIZE] > 0) return;
    delete root[key0];
    root[SIZE]--;
  };
  return {
    release: (number) => {
      delete leaves[number];
    },
  };
}
