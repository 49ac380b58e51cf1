import { describe, expect, it } from "vitest";
import { cli, eachWithHub, hub, POST, sent } from "./with-hub.ts";

eachWithHub();

describe("liking", () => {
  const iri = "https://other.example/bob/posts/1";

  it("names the post, and says how many like it", async () => {
    hub.json("POST /alice/likes", { post: iri, likes: 2 }, 201);
    expect((await cli.run(["like", iri])).out).toBe(`Liked ${iri} (2 likes)\n`);
    expect(JSON.parse(sent("POST", "/alice/likes").body.toString())).toEqual({ post: iri });
  });

  it("is taken back", async () => {
    hub.json("DELETE /alice/likes", { post: iri, likes: 1 });
    expect((await cli.run(["unlike", iri])).out).toBe(`No longer liked: ${iri} (1 like)\n`);
  });

  it("is reacting with --with, both ways", async () => {
    const reactions = [{ emoji: "🎉", count: 2 }];
    hub.json("POST /alice/likes", { post: iri, likes: 0, reactions }, 201);
    expect((await cli.run(["like", iri, "--with", "🎉"])).out).toBe(`Reacted to ${iri} (🎉 2)\n`);
    expect(JSON.parse(sent("POST", "/alice/likes").body.toString())).toEqual({ post: iri, with: "🎉" });
    hub.json("DELETE /alice/likes", { post: iri, likes: 0 });
    expect((await cli.run(["unlike", iri, "--with", "🎉"])).out).toBe(`Taken back: ${iri} (0 likes)\n`);
    expect(new URL(sent("DELETE", "/alice/likes").path, iri).searchParams.get("with")).toBe("🎉");
  });
});

describe("passing on and quoting", () => {
  const iri = POST.iri;
  const RDF = "application/n-triples";

  it("passes a post on, and takes that back with --undo", async () => {
    hub.json("POST /alice/reposts", { post: iri, repost: `${hub.url}alice/posts/x`, reposts: 1 }, 201);
    expect((await cli.run(["repost", iri])).out).toBe(`Passed on ${iri} (1 repost)\n`);
    expect(JSON.parse(sent("POST", "/alice/reposts").body.toString())).toEqual({ post: iri });
    hub.json("DELETE /alice/reposts", { post: iri, repost: `${hub.url}alice/posts/x`, reposts: 0 });
    expect((await cli.run(["repost", "--undo", iri])).out).toBe(`No longer passed on: ${iri} (0 reposts)\n`);
    expect(sent("DELETE", "/alice/reposts").path).toContain(encodeURIComponent(iri));
  });

  it("names what a post quotes", async () => {
    hub.json("POST /alice/posts", { iri: `${hub.url}alice/posts/x` }, 201);
    await cli.run(["post", "See!", "--quote", iri]);
    expect(JSON.parse(sent("POST", "/alice/posts").body.toString())).toEqual({ text: "See!", quote: iri });
  });

  it.each([
    [
      "a repost, in the words of whom it passes on",
      { text: "copy", repostOf: iri, original: { state: "here", creatorName: "Carol", text: "Terns\u001b[31m\nback" } },
      /^Bob bob@other\.example reposted Carol · .*\n {2}Terns.*\n {2}back\n/,
    ],
    [
      "a repost of what is not here, in its copy",
      { text: "copy", repostOf: iri, original: { state: "elsewhere" } },
      new RegExp(`reposted ${iri.replaceAll(".", "\\.")} ·.*\\n {2}copy\\n`),
    ],
    [
      "a repost of what was deleted, without words",
      { text: "", repostOf: iri, original: { state: "deleted" } },
      /\n {2}\(deleted\)\n/,
    ],
    [
      "a quote, with what it quotes below",
      { text: "See!", quoteOf: iri, original: { state: "here", creatorName: "Carol", text: "Terns\nback" } },
      / {2}See!\n {2}│ Carol\n {2}│ Terns\n {2}│ back\n/,
    ],
    [
      "its files with name, type and size, and its place",
      {
        attachments: [
          { iri: "https://f.example/1.png", format: "image/png", size_bytes: 12_345, description: "A\u001b[31m tern" },
          { iri: "https://f.example/2" },
          { format: "image/png" },
          "no file",
        ],
        place: { name: "The\u001b[31m lake", lat: 60.1, long: -24.9 },
      },
      / {2}\+ A␛\[31m tern \(image\/png, 12,345 bytes\) https:\/\/f\.example\/1\.png\n {2}\+ https:\/\/f\.example\/2\n {2}@ The␛\[31m lake geo:60\.1,-24\.9\n/,
    ],
    [
      "whom it answers, where that is known",
      { replyOf: iri, replyOfName: "Carol\u001b[31m" },
      / {2}↳ Carol␛\[31m http:\/\/other\.example\/[^\n]*\n {2}Terns!\n/,
    ],
    ["a place that has a name only", { place: { name: "The lake", lat: "x" } }, / {2}@ The lake\n/],
  ])("shows %s", async (_, more, shown) => {
    hub.json("GET /alice/timeline", { posts: [{ ...POST, ...more }] });
    const { out } = await cli.run(["timeline"]);
    expect(out).toMatch(shown);
    expect(out).not.toContain("\u001b[31m");
  });

  it("shows what a post passes on from its page", async () => {
    const [self, original] = [`${hub.url}alice/posts/3k2abcdefghij`, "http://o.example/1"];
    const sioc = "http://rdfs.org/sioc/ns#";
    hub.text(
      "GET /alice/posts/3k2abcdefghij",
      RDF,
      `<${self}> <${sioc}content> "copy" .
<${self}> <http://purl.org/dc/terms/created> "2026-11-21T05:55:00.000Z" .
<${self}> <https://w3id.org/sterna#repostOf> <${original}> .
<${original}> <${sioc}content> "Terns" .
<${original}> <${sioc}has_creator> <http://o.example/#a> .
<http://o.example/#a> <${sioc}account_of> <http://o.example/#me> .
<http://o.example/#me> <http://xmlns.com/foaf/0.1/name> "Carol" .
`,
    );
    expect((await cli.run(["show", "3k2abcdefghij"])).out).toMatch(/reposted Carol ·[^\n]*\n {2}Terns\n/);
  });
});
