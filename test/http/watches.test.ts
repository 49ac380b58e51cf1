import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loopback, openLoopback, type Reply } from "./loopback.ts";

const ROWS = `SELECT ?creator ?label WHERE {
  ?post <http://rdfs.org/sioc/ns#topic> ?topic ; <http://rdfs.org/sioc/ns#has_creator> ?creator .
  ?topic <http://www.w3.org/2000/01/rdf-schema#label> ?label # <script>alert(1)</script>
}`;

let loopback: Loopback;
const send = (method: string, path: string, body: unknown, token = loopback.sample.tokens.alice): Promise<Reply> =>
  loopback.ask(path, { method, type: "application/json", body: JSON.stringify(body), token });
const end = (path: string, token = loopback.sample.tokens.alice): Promise<Reply> =>
  loopback.ask(path, { method: "DELETE", token });
const page = (path: string, token?: string): Promise<Reply> =>
  loopback.ask(path, { accept: "text/html", ...(token === undefined ? {} : { token }) });

beforeAll(async () => {
  loopback = await openLoopback();
  const wishes = [
    { name: "terns", of: "topic", about: "#terns", audience: "public" },
    { name: "rows", query: ROWS, audience: "public" },
    { name: "mine", of: "mentions" },
  ];
  for (const wish of wishes) {
    const { status, text } = await send("POST", "alice/watches", wish);
    if (status !== 201) throw new Error(text);
  }
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

describe("the page of a standing query", () => {
  it("says what it means, what it asks and where its answers go, and shows them as posts, newest first", async () => {
    const { status, text, headers } = await page("alice/watches/terns");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(text).toContain('Posts on <a href="/tags/terns"><bdi>#terns</bdi></a>.');
    expect(text).toContain("Everybody may read its answers.");
    expect(text).toMatch(/href="xmpp:[^"]*\?;node=watch%2Falice%2Fterns"/);
    expect(text).toContain('href="/alice/watches/terns?format=atom"');
    expect(text).toMatch(/<pre[^>]*>[^<]*SELECT \?post/);
    const live = text.slice(text.indexOf('id="live"'), text.indexOf('id="live-news"'));
    expect(live.match(/<article/g)).toHaveLength(2);
    expect(live).toContain("The terns are back at the lake.");
    expect(live).not.toContain("<table");
  });

  it("shows answers that are no posts as a table, and all text as text", async () => {
    const { text } = await page("alice/watches/rows");
    const live = text.slice(text.indexOf('id="live"'), text.indexOf('id="live-news"'));
    expect(live).toMatch(/<th scope="col">creator<\/th><th scope="col">label<\/th>/);
    expect(live).toContain('href="/alice#account"');
    expect(live).not.toContain("<article");
    expect(text).toContain("&lt;script&gt;alert(1)");
    expect(text.match(/<script/g)).toHaveLength(1);
  });

  it("brings one script of its own, which may ask its own hub only", async () => {
    const { text, headers } = await page("alice/watches/terns");
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'; script-src 'self'; connect-src 'self'/);
    const path = /<script src="\/([^"]+)"/.exec(text)?.[1] ?? "";
    const script = await loopback.ask(path);
    expect(script.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(script.text).toContain("new EventSource(location.href)");
    expect((await page("alice")).text).not.toContain("<script");
    expect((await page("alice")).headers["content-security-policy"]).not.toContain("script-src");
  });

  it("is a feed for readers, and JSON for programs; for the account with its webhooks", async () => {
    expect((await loopback.ask("alice/watches/terns")).headers["content-type"]).toMatch(/^application\/atom\+xml/);
    const json = await loopback.ask("alice/watches/terns", { accept: "application/json" });
    expect(json.json()).toMatchObject({ name: "terns", answers: 2, isPublic: true, meaning: "Posts on #terns." });
    const newest = json.json()["newest"] as { post: { text: string } }[];
    expect(newest.map(({ post }) => post.text)).toContainEqual(expect.stringContaining("The terns are back"));
    expect(json.headers["vary"]).toContain("Authorization");
  });

  it("is there for its account alone when it is private, as if it were not", async () => {
    const { alice, bob } = loopback.sample.tokens;
    expect((await page("alice/watches/mine", alice)).text).toContain("Posts that speak to alice.");
    expect((await page("alice/watches/mine", bob)).status).toBe(404);
    expect((await page("alice/watches/mine")).status).toBe(404);
    expect((await page("alice/watches/none")).status).toBe(404);
    expect((await loopback.ask("alice/watches/mine", { accept: "application/json" })).status).toBe(404);
  });
});

describe("a page of what is one account's alone", () => {
  it.each([
    ["alice/timeline", 401, "sterna timeline"],
    ["alice/suggestions", 401, "sterna discover"],
    ["alice/watches", 200, "sterna watch list"],
    ["alice/watches/mine", 404, "sterna watch show mine"],
    ["alice/watches/none", 404, "sterna watch show none"],
    ["alice/graphs/notes", 404, "sterna graph list"],
  ])("names the command that shows %s", async (path, status, command) => {
    const reply = await page(path);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(`<code>${command}</code>`)]);
  });

  it("says the same of what is not there, and nothing where nothing can be private", async () => {
    const [there, not] = [(await page("alice/watches/mine")).text, (await page("alice/watches/none")).text];
    expect(there.replaceAll("mine", "none")).toBe(not);
    expect((await page("nobody")).text).not.toContain("know no login");
    expect((await page("alice/watches/%3Cscript%3E")).text).not.toContain("know no login");
  });
});

describe("the list of an account's standing queries", () => {
  it("shows everybody the public ones, and the account all", async () => {
    const all = (await page("alice/watches", loopback.sample.tokens.alice)).text;
    for (const name of ["terns", "rows", "mine"]) expect(all).toContain(`href="/alice/watches/${name}"`);
    const some = (await page("alice/watches")).text;
    expect(some).toContain('href="/alice/watches/terns"');
    expect(some).not.toContain("mine");
    expect(some).toContain('Standing queries of <a href="/alice"><bdi>Alice L. &lt;3</bdi></a>');
    expect((await page("nobody/watches")).status).toBe(404);
    expect((await page("alice")).text).toContain('<a href="/alice/watches"><strong>2</strong> standing queries</a>');
    expect((await page("bob")).text).not.toContain("standing quer");
    expect((await loopback.ask("alice/watches", { accept: "application/json" })).status).toBe(401);
  });
});

describe("webhooks over HTTP", () => {
  it("are made for a secret that is told once, shown in the list without it, and ended", async () => {
    const url = "https://bot.example/terns?a=b";
    const made = await send("POST", "alice/watches/terns/hooks", { url });
    expect(made.status).toBe(201);
    expect(made.headers["cache-control"]).toBe("no-store");
    const { secret, id } = made.json() as { secret: string; id: string };
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const list = await loopback.ask("alice/watches", { token: loopback.sample.tokens.alice });
    expect(list.text).toContain(url);
    expect(list.text).not.toContain(secret.slice(6));
    expect((await loopback.ask("alice/watches/terns", { accept: "application/json" })).text).not.toContain(
      "bot.example",
    );
    const path = `alice/watches/terns/hooks?hook=${encodeURIComponent(url)}`;
    expect((await end(path, loopback.sample.tokens.bob)).status).toBe(403);
    expect((await end(path)).json()).toEqual({ id, url });
    expect((await end(path)).status).toBe(404);
    expect((await end("alice/watches/terns/hooks")).status).toBe(400);
  });

  it.each([
    [{}, 400],
    [{ url: "ftp://bot.example/" }, 400],
    [{ url: "http://127.0.0.1:9/" }, 403],
    [{ url: "https://bot.example/", secret: "no" }, 400],
    [{ url: 5 }, 400],
  ])("are not made with %j: %i", async (body, status) => {
    expect((await send("POST", "alice/watches/terns/hooks", body)).status).toBe(status);
  });

  it("are the account's own", async () => {
    const body = { url: "https://bot.example/" };
    expect((await send("POST", "alice/watches/terns/hooks", body, loopback.sample.tokens.bob)).status).toBe(403);
    expect((await send("POST", "alice/watches/none/hooks", body)).status).toBe(404);
  });
});

describe("PATCH of a standing query", () => {
  it("changes its question, or starts it again", async () => {
    const changed = await send("PATCH", "alice/watches/mine", { of: "replies" });
    expect(changed.json()).toMatchObject({ name: "mine", answers: 1 });
    expect((await page("alice/watches/mine", loopback.sample.tokens.alice)).text).toContain("Where exactly, ");
    expect((await send("PATCH", "alice/watches/mine", {})).status).toBe(200);
    expect((await send("PATCH", "alice/watches/mine", { of: "nothing" })).status).toBe(400);
    expect((await send("PATCH", "alice/watches/none", {})).status).toBe(404);
    expect((await send("PATCH", "alice/watches/mine", {}, loopback.sample.tokens.bob)).status).toBe(403);
  });
});
