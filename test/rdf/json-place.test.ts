import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonErrorOffset } from "../../src/rdf/json-place.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("jsonErrorOffset", () => {
  it("reaches the end of every valid text", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(4), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), undefined, indent);
        expect(jsonErrorOffset(spaced)).toBe(spaced.length);
      }),
    );
  });

  it("stops before the end of damaged texts, or at it when only more is missing", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", ",", "}", "]", ":", "x", '"', "\\", "\n", "01"),
        (text, at, put) => {
          const place = at % (text.length + 1);
          const damaged = text.slice(0, place) + put + text.slice(place + 1);
          const offset = jsonErrorOffset(damaged);
          if (offset < damaged.length) expect(isJson(damaged)).toBe(false);
          // What stands before the place is not wrong: damage behind it alone moves nothing.
          expect(jsonErrorOffset(damaged.slice(0, offset))).toBe(offset);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
