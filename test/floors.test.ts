import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  isListed,
  ROOMS,
  referencesOf,
  resolveReference,
  roomOf,
  SLOW_PACKAGES,
  violationsOf,
} from "./support/floors.ts";

const SOURCE = join(import.meta.dirname, "../src");
/** Fewer means that this test reads the wrong folder and would pass whatever is in it. */
const FILES_MIN = 80;

const sources = new Map(
  readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => [path, readFileSync(join(SOURCE, path), "utf8")] as const),
);

describe("the house", () => {
  it("is read whole: every room, with its imports", () => {
    expect(sources.size).toBeGreaterThan(FILES_MIN);
    expect(new Set([...sources.keys()].map(roomOf))).toEqual(new Set(Object.keys(ROOMS)));
    const references = [...sources].flatMap(([path, text]) => referencesOf(path, text));
    expect(references.length).toBeGreaterThan(3 * FILES_MIN);
  });

  it("keeps the floors, the packages of each room, and pure floors pure", () => {
    expect([...sources].flatMap(([path, text]) => violationsOf(path, text))).toEqual([]);
  });

  it("imports only files that are there, by their full name", () => {
    const missing = [...sources].flatMap(([path, text]) =>
      referencesOf(path, text)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => resolveReference(path, specifier))
        .filter((target) => !sources.has(target))
        .map((target) => `${path} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it("starts the command line without waiting for a slow package", () => {
    const reached = new Map<string, string>();
    const queue = [...sources.keys()].filter((path) => roomOf(path) === "cli" || path === "main.ts");
    expect(queue.length).toBeGreaterThan(10);
    const slow: string[] = [];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      for (const { specifier, typeOnly, dynamic } of referencesOf(path, sources.get(path) ?? "")) {
        if (typeOnly || dynamic) continue;
        if (!specifier.startsWith(".")) {
          const listed = isListed(specifier, SLOW_PACKAGES);
          if (listed !== undefined) slow.push(`${wayTo(path, reached)} imports ${specifier}`);
          continue;
        }
        const target = resolveReference(path, specifier);
        if (reached.has(target)) continue;
        reached.set(target, path);
        queue.push(target);
      }
    }
    expect(slow).toEqual([]);
  });
});

/** How the command line came to a file: `cli/a.ts > rdf/b.ts`. */
function wayTo(path: string, from: ReadonlyMap<string, string>): string {
  const way = [path];
  for (let before = from.get(path); before !== undefined && !way.includes(before); before = from.get(before)) {
    way.unshift(before);
  }
  return way.join(" > ");
}

describe("the test of the floors itself", () => {
  it.each([
    ["an import upwards", "core/x.ts", `import { a } from "../hub/ports.ts";`, "from hub/ on floor 2"],
    ["a type import upwards", "rdf/x.ts", `import type { A } from "../core/post.ts";`, "from core/ on floor 1"],
    ["an import type upwards", "rdf/x.ts", `type A = import("../core/post.ts").Post;`, "from core/ on floor 1"],
    ["a dynamic import upwards", "hub/x.ts", `await import("../storage/a.ts");`, "from storage/ on floor 3"],
    ["an export from above", "core/x.ts", `export { a } from "../hub/ports.ts";`, "from hub/ on floor 2"],
    ["an import across adapters", "http/x.ts", `import { a } from "../xmpp/a.ts";`, "from xmpp/ on floor 3"],
    ["an import against the one-way street", "core/x.ts", `import { a } from "../atom/a.ts";`, "from atom/ on floor 1"],
    ["an import across the street", "pubsub/x.ts", `import { a } from "../atom/a.ts";`, "from atom/ on floor 1"],
    ["an import of the top", "cli/x.ts", `import { a } from "../config.ts";`, "from the top on floor 4"],
    ["an import from outside", "rdf/x.ts", `import { a } from "../../test/a.ts";`, "outside of src/"],
    ["a package of another room", "http/x.ts", `import { Store } from "n3";`, "imports n3"],
    ["a part of a package", "hub/x.ts", `import x from "@comunica/query-sparql/lib/x.js";`, "imports @comunica"],
    [
      "a builtin of another room",
      "core/x.ts",
      `import { readFile } from "node:fs/promises";`,
      "imports node:fs/promises",
    ],
    ["a value where types may be", "query/x.ts", `import { Store } from "n3";`, "more than types from n3"],
    ["randomness beside a hash", "rdf/x.ts", `import { createHash, randomUUID } from "node:crypto";`, "randomUUID"],
    ["a computed import", "cli/x.ts", `await import(name);`, "computed"],
    ["a room without a floor", "utils/x.ts", "export const a = 1;", "utils/ is not known"],
    ["a barrel", "core/index.ts", "export const a = 1;", "is a barrel"],
    ["an export of everything", "core/x.ts", `export * from "./a.ts";`, "exports everything"],
    ["a default export", "core/x.ts", "export default 1;", "default export"],
    ["a renamed default export", "core/x.ts", "const a = 1; export { a as default };", "default export"],
    ["the clock", "core/x.ts", "const a = Date.now();", "Date.now"],
    ["the clock by a new Date", "pubsub/x.ts", "const a = new Date();", "new Date()"],
    ["randomness", "atom/x.ts", "const a = Math.random();", "Math.random"],
    ["a random UUID", "rdf/x.ts", "const a = crypto.randomUUID();", "crypto"],
    ["the environment", "core/x.ts", "const a = process.env;", "process"],
    ["a timer", "core/x.ts", "setTimeout(a, 1);", "setTimeout"],
  ])("catches %s", (_, path, text, said) => {
    expect(violationsOf(path, text).join("\n")).toContain(said);
  });

  it.each([
    ["an import downwards", "hub/x.ts", `import { a } from "../core/a.ts";`],
    ["an import within the room", "http/pages/x.ts", `import { a } from "../app.ts";`],
    ["the one-way street", "pubsub/x.ts", `import { a } from "../core/a.ts";`],
    ["types of a package for types", "query/x.ts", `import type { Store } from "n3";`],
    ["a date made from a value", "core/x.ts", "const a = new Date(0).toISOString();"],
    ["a property named like a global", "core/x.ts", "const a = { process: 1 }; a.process;"],
    ["names in comments and texts", "core/x.ts", `// import "koa"\nconst a = 'import "koa"; Date.now()';`],
    ["the clock on an upper floor", "storage/x.ts", "const a = Date.now();"],
  ])("lets %s be", (_, path, text) => {
    expect(violationsOf(path, text)).toEqual([]);
  });
});
