import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { Row, Run } from "./operator.ts";
import { Terms } from "./terms.ts";

/** How a query is run. */
export interface RunOptions {
  /** Whether newest-first walks may be used; they may, unless it is said. */
  readonly walks?: boolean;
  readonly patternTime_ms?: number;
}

/** Begins a run of one query over what a dataset holds. */
export function newRun(index: QuadIndex, scope: Dataset, { patternTime_ms }: RunOptions = {}): Run {
  return {
    index,
    scope,
    dataset: index.of(scope),
    terms: new Terms(index),
    turn: { left: 0 },
    now: new Date().toISOString(),
    patternTime_ms,
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
