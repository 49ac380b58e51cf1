import { type Element, Parser } from "ltx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loopback, openLoopback } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

describe("WebFinger (RFC 7033)", () => {
  const ask = (query: string) => loopback.ask(`.well-known/webfinger?${query}`);

  it("answers for acct: and for the account's IRIs, to everybody", async () => {
    for (const resource of [
      "acct:alice@hub.example",
      "http://hub.example/alice",
      "http://hub.example/alice%23account",
    ]) {
      const reply = await ask(`resource=${resource}`);
      expect([reply.status, reply.headers["content-type"]]).toEqual([200, "application/jrd+json"]);
      expect(reply.headers["access-control-allow-origin"]).toBe("*");
      expect(reply.json()["subject"]).toBe("acct:alice@hub.example");
    }
  });

  it("gives only the links asked for (§4.3)", async () => {
    const all = (await ask("resource=acct:alice@hub.example")).json()["links"] as { rel: string }[];
    const some = (await ask("resource=acct:alice@hub.example&rel=self&rel=unknown")).json()["links"] as {
      rel: string;
    }[];
    expect(some).toEqual(all.filter(({ rel }) => rel === "self"));
    expect(some.length).toBeGreaterThan(0);
    expect(all.length).toBeGreaterThan(some.length);
  });

  it("refuses no resource with 400, and nobody with 404 (§4.2)", async () => {
    expect((await ask("")).status).toBe(400);
    expect((await ask("resource=")).status).toBe(400);
    expect((await ask("resource=acct:nobody@hub.example")).status).toBe(404);
    expect((await ask("resource=acct:alice@elsewhere.example")).status).toBe(404);
  });

  it("is where host-meta says (RFC 6415)", async () => {
    const template = "http://hub.example/.well-known/webfinger?resource={uri}";
    const xrd = await loopback.ask(".well-known/host-meta");
    expect(xrd.headers["content-type"]).toMatch("application/xrd+xml");
    expect(xrd.text).toContain(`template="${template}"`);
    for (const [path, accept] of [
      [".well-known/host-meta.json", "*/*"],
      [".well-known/host-meta", "application/json"],
    ] as const) {
      expect((await loopback.ask(path, { accept })).json()["links"]).toMatchObject([{ rel: "lrdd", template }]);
    }
  });
});

describe("what else a hub says of itself", () => {
  it("leads from /.well-known/void to the dataset's description", async () => {
    const reply = await loopback.ask(".well-known/void");
    expect([reply.status, reply.headers["location"]]).toEqual([302, "http://hub.example/sparql"]);
  });

  it("publishes its JSON-LD context for everybody", async () => {
    const reply = await loopback.ask("context.jsonld");
    expect(reply.headers["content-type"]).toBe("application/ld+json");
    expect(reply.json()["@context"]).toHaveProperty("content");
  });

  it("has its stylesheet and icon where its pages say", async () => {
    const page = await loopback.ask("", { accept: "text/html" });
    const style = /href="([^"]+\.css)"/.exec(page.text)?.[1] ?? "";
    const reply = await loopback.ask(style);
    expect([reply.status, reply.headers["content-type"]]).toEqual([200, "text/css; charset=utf-8"]);
    expect(reply.headers["cache-control"]).toContain("immutable");
    const icon = await loopback.ask("favicon.svg");
    expect([icon.status, icon.headers["content-type"]]).toEqual([200, "image/svg+xml"]);
  });
});

describe("the Atom feed", () => {
  it("is in pages that lead to all posts (RFC 5005 §3), with the RDF inside", async () => {
    const ids: string[] = [];
    let path: string | undefined = "alice/feed.atom?limit=3";
    let pages = 0;
    while (path !== undefined && pages++ < 5) {
      const reply = await loopback.ask(path);
      expect([reply.status, reply.headers["content-type"]]).toEqual([200, "application/atom+xml; charset=utf-8"]);
      const feed = parseXml(reply.text);
      expect(feed.getChildText("id")).toBe("http://hub.example/alice/posts");
      for (const entry of feed.getChildren("entry")) {
        ids.push(entry.getChildText("id") ?? "");
        expect(entry.getChildText("turtle", "https://w3id.org/sterna#")).toContain("sioct:MicroblogPost");
      }
      const links = feed.getChildren("link");
      expect(links.find(({ attrs }) => attrs["rel"] === "self")?.attrs["href"]).toBe(`http://hub.example/${path}`);
      const next: string | undefined = links.find(({ attrs }) => attrs["rel"] === "next")?.attrs["href"];
      path = next?.slice("http://hub.example/".length);
    }
    expect(new Set(ids)).toEqual(new Set(Object.values(loopback.sample.posts).map(({ iri }) => iri)));
    expect(pages).toBe(2);
  });

  it("is 404 for nobody", async () => {
    expect((await loopback.ask("nobody/feed.atom")).status).toBe(404);
  });
});

function parseXml(text: string): Element {
  const parser = new Parser();
  const roots: Element[] = [];
  parser.on("tree", (tree) => roots.push(tree));
  parser.write(text);
  parser.end();
  const [root] = roots;
  if (root === undefined) throw new Error("no XML");
  return root;
}

describe("a base with a path", () => {
  it("has everything below it, and WebFinger at the root too", async () => {
    await using below = await openLoopback({ STERNA_BASE: "http://hub.example/my/hub/" });
    const page = await below.ask("/my/hub/alice", { accept: "text/turtle" });
    expect(page.text).toContain("http://hub.example/my/hub/alice");
    expect((await below.ask("/my/hub", { accept: "text/turtle" })).status).toBe(200);
    expect((await below.ask("/alice")).status).toBe(404);
    expect((await below.ask("/.well-known/webfinger?resource=acct:alice@hub.example")).status).toBe(200);
    expect((await below.ask("/my/hub/.well-known/webfinger?resource=acct:alice@hub.example")).status).toBe(200);
  });
});
