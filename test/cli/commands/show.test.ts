import { describe, expect, it } from "vitest";
import { FixtureHub } from "../fixture-hub.ts";
import { cli, eachWithHub, hub } from "./with-hub.ts";

eachWithHub();

describe("showing", () => {
  it("reads a post's N-Triples, and sends no token to another hub", async () => {
    await using other = await FixtureHub.open();
    const iri = `${other.url}bob/posts/1`;
    other.text(
      "GET /bob/posts/1",
      "application/n-triples",
      `<${iri}> <http://rdfs.org/sioc/ns#content> "caf\\u00E9\\nzwei"@de .\n<${iri}> <http://purl.org/dc/terms/created> "2026-11-21T05:00:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n`,
    );
    const { out, exitCode } = await cli.run(["show", iri]);
    expect([exitCode, out]).toEqual([0, expect.stringContaining("  café\n  zwei\n")]);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("shows who wrote a post, its files and the place, as its page says", async () => {
    const iri = `${hub.url}alice/posts/3k2abcdefghij`;
    const [file, geo] = ["https://f.example/1.png", "http://www.w3.org/2003/01/geo/wgs84_pos#"];
    hub.text(
      "GET /alice/posts/3k2abcdefghij",
      "application/n-triples",
      `<${iri}> <http://rdfs.org/sioc/ns#content> "Terns" .
<${iri}> <http://purl.org/dc/terms/created> "2026-11-21T05:00:00.000Z" .
<${iri}> <http://rdfs.org/sioc/ns#has_creator> <${hub.url}alice#account> .
<${hub.url}alice#account> <http://rdfs.org/sioc/ns#account_of> <${hub.url}alice#me> .
<${hub.url}alice#me> <http://xmlns.com/foaf/0.1/name> "Alice" .
<${iri}> <http://rdfs.org/sioc/ns#attachment> <${file}> .
<${file}> <http://purl.org/dc/terms/format> "image/png" .
<${file}> <http://purl.org/dc/terms/extent> "1234" .
<${iri}> <${geo}lat> "60.1" .
<${iri}> <${geo}long> "-24.9" .
<${iri}> <http://purl.org/dc/terms/spatial> <${iri}#place> .
<${iri}#place> <http://www.w3.org/2000/01/rdf-schema#label> "The lake" .
`,
    );
    const { out } = await cli.run(["show", "3k2abcdefghij"]);
    expect(out).toMatch(/^Alice · /);
    expect(out).toContain(`  + (image/png, 1,234 bytes) ${file}\n  @ The lake geo:60.1,-24.9\n`);
  });

  it("counts the likes and reactions on the page of the post, and those alone", async () => {
    const iri = `${hub.url}alice/posts/3k2abcdefghij`;
    const as = "https://www.w3.org/ns/activitystreams#";
    const act = (id: string, type: string, about: string, more = "") =>
      `<${iri}#${id}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <${type}> .\n<${iri}#${id}> <${as}object> <${about}> .\n${more}`;
    const emoji = (id: string, sign: string) => `<${iri}#${id}> <${as}content> "${sign}" .\n`;
    const reaction = "https://w3id.org/sterna#Reaction";
    hub.text(
      "GET /alice/posts/3k2abcdefghij",
      "application/n-triples",
      [
        `<${iri}> <http://rdfs.org/sioc/ns#content> "Terns" .\n<${iri}> <http://purl.org/dc/terms/created> "2026-11-21T05:00:00.000Z" .\n`,
        act("a", `${as}Like`, iri),
        act("b", `${as}Like`, `${iri}x`),
        act("c", reaction, iri, emoji("c", "👍")),
        act("d", reaction, iri, emoji("d", "🎉")),
        act("e", reaction, iri, emoji("e", "🎉")),
      ].join(""),
    );
    expect((await cli.run(["show", "3k2abcdefghij"])).out).toContain("  1 like, 🎉 2, 👍 1\n");
    expect(JSON.parse((await cli.run(["show", "3k2abcdefghij", "--json"])).out)).toMatchObject({ likes: 1 });
  });

  it("says that a post was deleted, with 1", async () => {
    hub.json("GET /alice/posts/3k2abcdefghij", { status: 410, detail: "It was deleted." }, 410);
    expect(await cli.run(["show", "3k2abcdefghij"])).toMatchObject({ exitCode: 1, err: "It was deleted.\n" });
  });
});
