import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeptAnswers, pageOf, type WholeAnswer } from "../../../src/hub/queries/xmpp/kept-answers.ts";

const answerOf = (bytes: number): WholeAnswer => ({ kind: "bindings", variables: [], rows: ["a"], bytes });
const MIB = 1_024 * 1_024;

describe("kept answers", () => {
  it("are bounded in bytes, however many ask, the one read last staying longest", () => {
    const kept = new KeptAnswers();
    const asked = (n: number) => ({ requester: `who${n}`, question: "q" });
    for (let n = 0; n < 4; n++) kept.keep(`${n}`, answerOf(8 * MIB), asked(n), 0);
    expect(kept.size).toEqual({ answers: 4, bytes: 32 * MIB });
    expect(kept.find("0", asked(0), 1)?.id).toBe("0");
    kept.keep("4", answerOf(8 * MIB), asked(4), 2);
    expect(kept.size).toEqual({ answers: 4, bytes: 32 * MIB });
    expect([kept.find("0", asked(0), 3), kept.find("1", asked(1), 3)].map((found) => found?.id)).toEqual([
      "0",
      undefined,
    ]);
  });

  it("are bounded in number, and go when nobody reads them", () => {
    const kept = new KeptAnswers();
    for (let n = 0; n < 300; n++) kept.keep(`${n}`, answerOf(1), { requester: `who${n}`, question: "q" }, n);
    expect(kept.size).toEqual({ answers: 256, bytes: 256 });
    kept.sweep(120_290);
    expect(kept.size).toEqual({ answers: 10, bytes: 10 });
  });
});

describe("pages of an answer", () => {
  it("are all of it, once each and in order, read forwards or backwards, whatever their bounds", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 20 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        (rows, max, bytes_max, isBackwards) => {
          const whole: WholeAnswer = { kind: "bindings", variables: [], rows, bytes: 0 };
          let got: readonly string[] = [];
          let row: string | undefined;
          for (let pages = 0; got.length < rows.length; pages++) {
            expect(pages).toBeLessThanOrEqual(rows.length);
            const place = isBackwards
              ? row === undefined
                ? ({ kind: "end" } as const)
                : ({ kind: "before", row } as const)
              : row === undefined
                ? ({ kind: "start" } as const)
                : ({ kind: "after", row } as const);
            const page = pageOf("id", whole, { place, max }, bytes_max);
            if (page === undefined) throw new Error("Expected a page.");
            expect(page.part.firstIndex).toBe(isBackwards ? rows.length - got.length - page.rows.length : got.length);
            got = isBackwards ? [...page.rows, ...got] : [...got, ...page.rows];
            row = isBackwards ? page.part.first : page.part.last;
          }
          expect(got).toEqual(rows);
        },
      ),
    );
  });
});
