import type { QuadSource } from "../../hub/ports.ts";
import { refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";

function no(): Refused {
  return new Refused(
    refuse(
      "not-implemented",
      "Expected a WHERE that asks either the default graph or graphs that it names: this hub's query store is another program, which does not see graphs that only this request has. Split the update in two.",
    ),
  );
}

/** The dataset of queries whose graphs are handed over, where the rest is in a store outside: it cannot be read with them. */
export const NAMED_GRAPHS_ONLY: QuadSource = {
  match: () => {
    throw no();
  },
  count: () => {
    throw no();
  },
  size: 0,
  version: 0,
};
