import fc from "fast-check";
import { expect, it } from "vitest";
import { wordKeyOf, wordKeysOf } from "../../../src/query/standing/word-key.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
import { openStorage } from "../../../src/storage/storage.ts";
import { sioc } from "../../../src/vocab/sioc.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const POST = "http://hub.example/alice/posts/23nu3kwbjc222" as Iri;
const words = [
  "Tern",
  "TERNS",
  "café",
  "CAFE\u0301",
  "Straße",
  "İstanbul",
  "海鳥",
  "海",
  "ﬁsh",
  "tern-bird",
  "don't",
  "ψάρι",
  "x²",
  "ニュース",
  "#birds",
  "½",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "grapheme", maxLength: 4 })), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((parts) => fc.constantFrom(" ", ", ", "").map((between) => parts.join(between)));

it("finds by a word's key whatever the text index finds by the word", async () => {
  await using storage = await openStorage({ file: ":memory:", log });
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }),
      text,
      async (content, picks, other) => {
        const document = {
          graph: POST,
          kind: "post" as const,
          audience: "public" as const,
          origin: { kind: "own" as const },
          created: "2026-11-21T06:00:00.000Z",
          received: "2026-11-21T06:00:00.000Z",
          quads: [quad(namedNode(POST), sioc.content, literal(content))],
        };
        await storage.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined }));
        const parts = content.split(/\s+/);
        const own = picks.map((pick) => parts[pick % parts.length] ?? "").join(" ");
        for (const asked of [own, own.toUpperCase(), own.normalize("NFD"), other]) {
          if ((storage.quads.index?.search(asked, {}).length ?? 0) === 0) continue;
          found++;
          const key = wordKeyOf(asked);
          expect(key === undefined || wordKeysOf(content).has(key)).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(100);
});
