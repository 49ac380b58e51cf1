import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Catalogue, loadCatalogue } from "../../src/query/catalogue.ts";

const ROOT = join(import.meta.dirname, "../..");
const names = readdirSync(join(ROOT, "sparql")).map((file) => file.replace(/\.rq$/, ""));
const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => readFileSync(join(ROOT, "src", path), "utf8"));

describe("the query catalogue", () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = await loadCatalogue(new URL("../../sparql/", import.meta.url));
  });

  it("holds every file of sparql/", () => {
    expect(names.length).toBeGreaterThan(0);
    expect([...catalogue.keys()].sort()).toEqual(names.sort());
  });

  it.each(names)("%s begins with a verb and a sentence that says what it is for", (name) => {
    expect(name).toMatch(/^(select|construct|ask|describe|watch)-[a-z-]+$/);
    expect(catalogue.get(name)?.text).toMatch(/^# [A-Z].*\.\n/);
  });

  it.each(names)("%s is used by the program", (name) => {
    expect(sources.some((text) => text.includes(`"${name}"`) || text.includes(`/${name}.rq`))).toBe(true);
  });

  it.each(names)("%s names its parameters, and each stands in it", (name) => {
    const { text = "", parameters = [] } = catalogue.get(name) ?? {};
    const body = text.replace(/^#.*$/gm, "");
    for (const parameter of parameters) expect(body).toContain(`?${parameter}`);
  });

  it.each(names.filter((name) => !name.startsWith("construct")))("%s has the columns that its SELECT says", (name) => {
    const { text = "", columns = [] } = catalogue.get(name) ?? {};
    const head = /SELECT (?:DISTINCT )?([^]*?)\s*WHERE/.exec(text)?.[1] ?? "";
    const said = head.replace(/\([^]*?AS (\?\w+)\)/g, "$1").split(/\s+/);
    expect(columns.length).toBeGreaterThan(0);
    expect(columns.map((column) => `?${column}`)).toEqual(said);
  });
});
