import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonResult, readJsonResults } from "../../../src/query/remote/json-results.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (text: string, size = 7): Promise<JsonResult[]> => Array.fromAsync(readJsonResults(inPieces(text, size)));

const row = fc.dictionary(
  fc.string({ unit: "grapheme", maxLength: 5 }),
  fc.record({ type: fc.constantFrom("uri", "literal"), value: fc.string({ unit: "binary", maxLength: 20 }) }),
  { maxKeys: 4 },
);

describe("SPARQL JSON results", () => {
  it("are read row by row as JSON.parse reads them whole, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (rows, size, isPretty) => {
          const whole = {
            head: { link: [], vars: ["a]", '"bindings":['] },
            results: { distinct: false, bindings: rows },
          };
          const text = JSON.stringify(whole, undefined, isPretty ? 2 : undefined);
          const found = await read(text, size);
          expect(found).toEqual(
            rows.map((each) => ({ kind: "row", row: JSON.parse(JSON.stringify(each)) as unknown })),
          );
        },
      ),
    );
  });

  it("say yes and no, also as text", async () => {
    expect(await read('{"head":{"link":[]},"boolean":true}')).toEqual([{ kind: "boolean", value: true }]);
    expect(await read('{ "boolean": false, "head": {} }')).toEqual([{ kind: "boolean", value: false }]);
    expect(await read('{"boolean":"true"}')).toEqual([{ kind: "boolean", value: true }]);
  });

  it.each([
    ['{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:a"}},{"x":', "broke off"],
    ['{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:a"}}', "broke off"],
    ['{"head":{"vars":["x"]},"results":{"bindings":[]', "broke off"],
    ["<html>Error</html>", "something else"],
    ["", "something else"],
    ["[]", "something else"],
  ])("are not taken for whole when they end like %s", async (text, why) => {
    await expect(read(text)).rejects.toThrow(why);
  });
});
