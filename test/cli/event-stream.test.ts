import fc from "fast-check";
import { expect, it } from "vitest";
import { serverEvents } from "../../src/cli/event-stream.ts";
import { collect } from "../support/collect.ts";

async function* inPieces(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

it("reads the same events however the bytes were cut, with each of the three line ends", async () => {
  const line = fc.string({ unit: fc.constantFrom("a", ":", " ", "é", "🐦", "{") });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      async (events, end, sizes) => {
        const text = events
          .map((lines) => [": note", "event: posted", ...lines.map((each) => `data: ${each}`), "", ""].join(end))
          .join("");
        // A lone CR is known to be a line's end only by what follows it.
        const found = await collect(serverEvents(inPieces(`${text}:${end}:`, sizes)));
        expect(found).toEqual(events.map((lines) => ({ event: "posted", data: lines.join("\n") })));
      },
    ),
  );
});

it("drops an event that was not finished", async () => {
  expect(await collect(serverEvents(inPieces("data: whole\n\ndata: half\n", [3])))).toEqual([
    { event: "message", data: "whole" },
  ]);
});
