import type { Row } from "../operator.ts";

/** Writes what one operator binds into the shared row, and takes it back. */
export class RowWriter {
  readonly #row: Row;
  /** The places written, of which the first so many count: an array that is emptied is made anew each time. */
  readonly #wrote: number[] = [];
  #count = 0;

  constructor(row: Row) {
    this.#row = row;
  }

  /** Binds a place (-1 is none) that is open; false if it is bound to something else already. */
  write(slot: number, number: number): boolean {
    if (slot < 0) return true;
    const present = this.#row[slot] ?? 0;
    if (present !== 0) return present === number;
    this.#row[slot] = number;
    this.#wrote[this.#count++] = slot;
    return true;
  }

  /** Opens again what was written since the last time. */
  takeBack(): void {
    for (let at = 0; at < this.#count; at++) this.#row[this.#wrote[at] ?? 0] = 0;
    this.#count = 0;
  }
}
