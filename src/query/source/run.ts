import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { Row, Run } from "./operator.ts";
import { Terms } from "./terms.ts";

/** Begins a run of one query over what a dataset holds. */
export function newRun(index: QuadIndex, scope: Dataset): Run {
  return {
    index,
    scope,
    dataset: index.of(scope),
    terms: new Terms(index),
    turn: { left: 0 },
    now: new Date().toISOString(),
    ...newRow(),
  };
}

/** A row of its own for a part of a query that is evaluated by itself. */
export function innerRun(run: Run): Run {
  return { ...run, ...newRow() };
}

function newRow(): Pick<Run, "row" | "slotOf"> {
  const row: Row = [];
  const slots = new Map<string, number>();
  return {
    row,
    slotOf: (variable) => {
      let slot = slots.get(variable);
      if (slot === undefined) {
        slot = row.push(0) - 1;
        slots.set(variable, slot);
      }
      return slot;
    },
  };
}
