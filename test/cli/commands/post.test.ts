import { beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { cli, eachWithHub, hub, POST, sent } from "./with-hub.ts";

eachWithHub();

describe("posting", () => {
  beforeEach(() =>
    hub.json("POST /alice/posts", { iri: `${hub.url}alice/posts/1`, id: "1", version: 1, created: POST.created }, 201),
  );

  it("sends the text, language and answered post with the token, and prints the new IRI", async () => {
    const { exitCode, out } = await cli.run(["post", "--lang", "de", "--reply-to", POST.iri, "Guten", "Tag"]);
    expect([exitCode, out]).toEqual([0, `${hub.url}alice/posts/1\n`]);
    const { body, headers } = sent("POST", "/alice/posts");
    expect(JSON.parse(body.toString())).toEqual({ text: "Guten Tag", language: "de", replyTo: POST.iri });
    expect(headers.authorization).toBe("Bearer t0ken");
  });

  it("sends files with what they show, and the place", async () => {
    const { exitCode } = await cli.run([
      ...["post", "--attach", "https://x.example/a.png", "--alt", "A tern", "--attach", "http://x.example/b"],
      ...["--place", "Mettnau", "--lat", "-47.7", "--lon", "8", "Look!"],
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(sent("POST", "/alice/posts").body.toString())).toEqual({
      text: "Look!",
      attachments: [{ iri: "https://x.example/a.png", description: "A tern" }, { iri: "http://x.example/b" }],
      place: { name: "Mettnau", lat: -47.7, long: 8 },
    });
  });

  it.each([
    ["a path of a file", ["--attach", "tern.png"], /Expected --attach with the address of a file on the web/],
    ["a file of this machine", ["--attach", "file:///tern.png"], /put the file on the web first/],
    ["more words than files", ["--alt", "A tern"], /one --alt for each --attach, but got 1 for 0/],
    ["half a point", ["--lat", "47"], /--lat and --lon together/],
    ["degrees that are none", ["--lat", "47°", "--lon", "8"], /--lat in decimal degrees such as 47\.65, but got "47°"/],
  ])("asks nobody when it was given %s", async (_, options, why) => {
    expect(await cli.run(["post", ...options, "Look!"])).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(why),
    });
    expect(hub.seen).toEqual([]);
  });

  it("takes files and place away with an edit", async () => {
    hub.json("PATCH /alice/posts/3k2abcdefghij", { iri: `${hub.url}alice/posts/3k2abcdefghij` });
    await cli.run(["edit", "3k2abcdefghij", "--no-attach", "--no-place", "Look!"]);
    expect(JSON.parse(sent("PATCH", "/alice/posts/3k2abcdefghij").body.toString())).toEqual({
      text: "Look!",
      attachments: [],
      place: null,
    });
    const both = await cli.run(["edit", "3k2abcdefghij", "--no-place", "--lat", "1", "--lon", "2", "Look!"]);
    expect(both).toMatchObject({ exitCode: 2, err: expect.stringMatching(/leave one out/) });
  });

  it("reads standard input, line breaks kept, the last line end not", async () => {
    await cli.run(["post", "-"], { stdin: "a\nb 🐦\n" });
    expect(JSON.parse(sent("POST", "/alice/posts").body.toString()).text).toBe("a\nb 🐦");
  });

  it("refuses standard input that is not UTF-8", async () => {
    const { exitCode, err } = await cli.run(["post", "-"], { stdin: Buffer.from([0x66, 0xff]) });
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/UTF-8/)]);
    expect(hub.seen.some(({ method }) => method === "POST")).toBe(false);
  });

  it("prints the hub's JSON with --json", async () => {
    const { out } = await cli.run(["post", "x", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ id: "1", version: 1 });
  });

  it("says why the hub refused, with 1", async () => {
    hub.json(
      "POST /alice/posts",
      { status: 413, code: "too-large", detail: "Expected at most 5000 characters, but got 6000." },
      413,
    );
    expect(await cli.run(["post", "x"])).toMatchObject({
      exitCode: 1,
      err: "Expected at most 5000 characters, but got 6000.\n",
      out: "",
    });
  });

  it("says how to log in when the token is wrong", async () => {
    hub.json("GET /api/me", { status: 401, detail: "Expected a known token." }, 401);
    const { exitCode, err } = await cli.run(["post", "x"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/Expected a known token\. Log in with "sterna login"/)]);
  });

  it("says what was tried and how to start a hub when there is none, with 3", async () => {
    const { exitCode, err } = await cli.run(["post", "x", "--url", `http://127.0.0.1:${await freePort()}/`]);
    expect(exitCode).toBe(3);
    expect(err).toMatch(
      /Expected a hub at http:\/\/127\.0\.0\.1:\d+\/, but could not reach it \(ECONNREFUSED\)\. Start one with "sterna serve"/,
    );
  });
});

describe("editing and deleting", () => {
  it("take the id of an own post, or its beginning where that is clear", async () => {
    const own = (id: string) => ({ ...POST, iri: `${hub.url}alice/posts/${id}` });
    hub.json("GET /alice/timeline", { posts: [own("3k2abcdefghij"), own("3k3abcdefghij"), POST] });
    hub.json("DELETE /alice/posts/3k2abcdefghij", { iri: "x", deleted: POST.created });
    expect((await cli.run(["delete", "3k2"])).exitCode).toBe(0);
    const unclear = await cli.run(["delete", "3k"]);
    expect([unclear.exitCode, unclear.err]).toEqual([1, expect.stringMatching(/2 posts begin with "3k"/)]);
  });

  it("reach an IRI of the hub's base at the address the hub was named by", async () => {
    hub.json("GET /api/me", { kind: "account", name: "alice", base: "https://hub.example/" });
    hub.json("PATCH /alice/posts/3k2abcdefghij", { iri: "https://hub.example/alice/posts/3k2abcdefghij", version: 2 });
    const { exitCode, out } = await cli.run(["edit", "https://hub.example/alice/posts/3k2abcdefghij", "new"]);
    expect([exitCode, out]).toEqual([0, "https://hub.example/alice/posts/3k2abcdefghij\n"]);
  });

  it("refuse a post of another hub without telling that hub anything", async () => {
    const { exitCode, err } = await cli.run(["delete", POST.iri]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/only its own hub can change it/)]);
  });
});
