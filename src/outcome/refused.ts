import type { Refusal } from "./refusal.ts";

/** How a stream that has begun says no: thrown while it is being read, where a value can no longer be returned. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = "Refused";
    this.refusal = refusal;
  }
}
