import { isRefusal, type Refusal } from "../../../outcome/refusal.ts";
import { Refused } from "../../../outcome/refused.ts";
import type { Term } from "../../../rdf/term.ts";
import type { QueryAnswer } from "../../ports/queries.ts";

type Row = ReadonlyMap<string, Term>;

/** How an answer grows. */
export interface Growth {
  /** As many rows as are wanted. */
  readonly limit: number;
  readonly onStep: () => void;
  /** Gives up what hubs are still asked. */
  readonly stop: () => void;
}

/**
 * Rows of what is here at once, and more after each step of a walk through other hubs: none twice, none taken back. For
 * queries whose answer only grows with the data; stops the walk when it has as many as are wanted, or its reader left.
 */
export async function gradualAnswer(
  steps: AsyncGenerator<undefined>,
  evaluate: () => Promise<QueryAnswer | Refusal>,
  { limit, onStep, stop }: Growth,
): Promise<QueryAnswer | Refusal> {
  // Begun before anything is evaluated here, so that both go on at the same time.
  const begun = heard(steps.next());
  const first = await evaluate();
  if (isRefusal(first) || first.kind !== "bindings") {
    stop();
    return first;
  }
  const news = new News(first.variables);
  const rows = async function* (): AsyncGenerator<Row> {
    let [left, step, answer] = [limit, begun, first as QueryAnswer];
    try {
      for (let isLast = false; left > 0; ) {
        for await (const row of news.of(answer)) {
          yield row;
          if (--left === 0) return;
        }
        if (isLast) return;
        isLast = (await step).done === true;
        if (!isLast) step = heard(steps.next());
        onStep();
        const next = await evaluate();
        if (isRefusal(next)) throw new Refused(next);
        answer = next;
      }
    } finally {
      // Not waited for: it comes after the step that is on its way.
      stop();
      void heard(steps.return(undefined));
    }
  };
  return { kind: "bindings", variables: first.variables, rows: rows() };
}

/** A promise that may break when nobody waits for it any more. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Tells the rows of an answer that were not in those before it, or not as often. */
class News {
  readonly #variables: readonly string[];
  readonly #given = new Map<string, number>();

  constructor(variables: readonly string[]) {
    this.#variables = variables;
  }

  async *of(answer: QueryAnswer): AsyncGenerator<Row> {
    if (answer.kind !== "bindings") return;
    const seen = new Map<string, number>();
    for await (const row of answer.rows) {
      const key = keyOf(row, this.#variables);
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      if (count <= (this.#given.get(key) ?? 0)) continue;
      this.#given.set(key, count);
      yield row;
    }
  }
}

function keyOf(row: ReadonlyMap<string, Term>, variables: readonly string[]): string {
  return JSON.stringify(
    variables.map((name) => {
      const term = row.get(name);
      if (term === undefined) return null;
      return term.termType === "Literal"
        ? [term.value, term.language, term.datatype.value]
        : [term.termType, term.value];
    }),
  );
}
