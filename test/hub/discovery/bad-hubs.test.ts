import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Manners } from "../../../src/feeds/manners.ts";
import { createPoliteWeb } from "../../../src/feeds/polite-web.ts";
import { createRemoteQueries } from "../../../src/feeds/remote-queries.ts";
import { discoverFor, type Suggestions } from "../../../src/hub/discovery/suggest.ts";
import type { HubPorts } from "../../../src/hub/ports/hub-ports.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { openServer, type SmallServer } from "../../feeds/bad-server.ts";
import { addAccount, HOUR_MS, type Holder, must, openTestHub, type TestHub } from "../test-hub.ts";
import { follows } from "./follow-document.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const USER_AGENT = "Sterna/0 (+https://hub.example/)";
let hub: TestHub;
let bob: Holder;
const servers: SmallServer[] = [];

beforeEach(async () => {
  hub = await openTestHub();
  bob = await addAccount(hub, "bob");
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** A host that answers as told below its paths, and 404 elsewhere. */
async function serve(answers: Readonly<Record<string, Answer>>): Promise<SmallServer> {
  const server = await openServer((request, response) => {
    const answer = answers[new URL(request.url ?? "/", "http://x").pathname];
    if (answer !== undefined) return answer(request, response);
    response.writeHead(404).end();
  });
  servers.push(server);
  return server;
}

const text =
  (body: string, type: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(200, { "content-type": type, ...headers }).end(body);
const robots = (body: string): Answer => text(body, "text/plain");
const turtle = (body: string, headers = {}): Answer => text(body, "text/turtle", headers);
const says = (account: string, ...followed: readonly string[]): string =>
  followed.map((each) => `<${account}> <${sioc.follows.value}> <${each}> .\n`).join("");
const accountAt = ({ url }: SmallServer, name: string): Iri => `${url}${name}#account` as Iri;
const CAROL = "https://carol.example/carol#account";

function portsWith({
  every_ms = 0,
  timeout_ms = 5_000,
  guard = { allowPrivate: true, userAgent: USER_AGENT },
} = {}): HubPorts {
  const manners = new Manners(guard, { every_ms });
  return {
    ...hub.ports,
    remoteQueries: createRemoteQueries({ ...guard, base: hub.ports.identity.base }, manners),
    politeWeb: createPoliteWeb(guard, manners, { timeout_ms }),
  };
}

const signal = new AbortController().signal;
const discover = async (ports = portsWith(), wish = {}): Promise<Suggestions> =>
  must(await discoverFor(ports, bob, "bob", { signal, ...wish }));
const foundIn = ({ suggestions }: Suggestions) => suggestions.map(({ account }) => account);
const pathsOf = ({ seen }: SmallServer) => seen.map(({ url }) => url.replace(/\?.*/, ""));
const problemIn = ({ walk }: Suggestions): string => walk?.problems.map(({ message }) => message).join(" ") ?? "";

describe("a host is asked politely", () => {
  it("who it is asked by, its robots.txt first, and then what it allows", async () => {
    const server = await serve({ "/alice/following": (_, response) => void response.writeHead(500).end() });
    await follows(hub, bob, accountAt(server, "alice"));
    await discover();
    expect(pathsOf(server)).toEqual(["/robots.txt", "/alice/following"]);
    expect(new Set(server.seen.map(({ headers }) => headers["user-agent"]))).toEqual(new Set([USER_AGENT]));
  });

  it("not at all where its robots.txt forbids it", async () => {
    const server = await serve({ "/robots.txt": robots("User-agent: sterna\nDisallow: /") });
    for (const name of ["alice", "dora"]) await follows(hub, bob, accountAt(server, name));
    expect(problemIn(await discover())).toContain("its robots.txt does not allow it");
    expect(pathsOf(server)).toEqual(["/robots.txt"]);
  });

  it("by its pages, where its robots.txt forbids the endpoint alone", async () => {
    const server = await serve({
      "/robots.txt": robots("User-agent: *\nDisallow: /sparql"),
      "/alice/following": (request, response) =>
        turtle(says(`http://${request.headers.host}/alice#account`, CAROL))(request, response),
    });
    for (const name of ["alice", "dora"]) await follows(hub, bob, accountAt(server, name));
    expect(foundIn(await discover())).toEqual([CAROL]);
    expect(pathsOf(server)).not.toContain("/sparql");
  });

  it("not while its robots.txt cannot be reached", async () => {
    const server = await serve({ "/robots.txt": (_, response) => void response.writeHead(500).end() });
    await follows(hub, bob, accountAt(server, "alice"));
    expect(problemIn(await discover())).toContain("status 500");
    expect(pathsOf(server)).toEqual(["/robots.txt"]);
  });

  it("at its own endpoint, where a hub is below a path", async () => {
    const server = await serve({});
    for (const name of ["hub/alice", "hub/dora"]) await follows(hub, bob, accountAt(server, name));
    await discover();
    const [robots, endpoint, page] = pathsOf(server);
    expect([robots, endpoint]).toEqual(["/robots.txt", "/hub/sparql"]);
    expect(page).toMatch(/^\/hub\/(alice|dora)\/following$/);
  });

  it("in turns", async () => {
    const times: number[] = [];
    const page: Answer = (_, response) => {
      times.push(performance.now());
      response.writeHead(404).end();
    };
    const server = await serve(Object.fromEntries(["/a/following", "/a", "/sparql"].map((path) => [path, page])));
    await follows(hub, bob, accountAt(server, "a"));
    await discover(portsWith({ every_ms: 150 }));
    expect(times).toHaveLength(2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(140);
  });

  it("not before the end of the pause that it asks for", async () => {
    const server = await serve({
      "/sparql": (_, response) => void response.writeHead(429, { "retry-after": "600" }).end(),
    });
    for (const name of ["alice", "dora"]) await follows(hub, bob, accountAt(server, name));
    const ports = portsWith();
    expect(problemIn(await discover(ports))).toContain("asked again after 600 seconds");
    expect(problemIn(await discover(ports, { refresh: true }))).toContain("asked for a pause");
    expect(pathsOf(server)).toEqual(["/robots.txt", "/sparql"]);
  });

  it("for what changed only, and not before it can have", async () => {
    const server = await serve({
      "/alice/following": (request, response) => {
        if (request.headers["if-none-match"] === '"v1"')
          response.writeHead(304, { "cache-control": "max-age=7200" }).end();
        else
          turtle(says(`http://${request.headers.host}/alice#account`, CAROL), {
            etag: '"v1"',
            "cache-control": "max-age=3600",
          })(request, response);
      },
    });
    await follows(hub, bob, accountAt(server, "alice"));
    const ports = portsWith();
    const asked = () => pathsOf(server).filter((path) => path === "/alice/following").length;
    const after = async (hours: number): Promise<number> => {
      hub.clock.advance(hours * HOUR_MS);
      expect(foundIn(await discover(ports))).toEqual([CAROL]);
      return asked();
    };
    expect([await after(0), await after(0.5), await after(1), await after(1.5), await after(1)]).toEqual([
      1, 1, 2, 2, 3,
    ]);
  });

  it("and what must not be stored is forgotten with the walk", async () => {
    const server = await serve({
      "/alice/following": (request, response) =>
        turtle(says(`http://${request.headers.host}/alice#account`, CAROL), { "cache-control": "no-store" })(
          request,
          response,
        ),
    });
    await follows(hub, bob, accountAt(server, "alice"));
    expect(foundIn(await discover())).toEqual([CAROL]);
    expect(hub.ports.records.reader.learned("follows", accountAt(server, "alice"))).toBeUndefined();
  });
});

describe("a bad host is named, and nothing is stuck", () => {
  const alone = async (answer: Answer): Promise<SmallServer> => {
    const server = await serve({ "/alice/following": answer });
    await follows(hub, bob, accountAt(server, "alice"));
    return server;
  };

  it("when it speaks about others", async () => {
    const eve = "https://evil.example/eve#account";
    const victim = "https://other.example/x#account";
    const server = await serve({
      "/sparql": (request, response) => {
        const base = `http://${request.headers.host}/`;
        const uri = (value: string) => ({ type: "uri", value });
        const bindings = [
          { account: uri(`${base}alice#account`), followed: uri(CAROL) },
          { account: uri(victim), followed: uri(eve) },
          { account: uri(`${base}stranger#account`), followed: uri(eve) },
          { account: uri(`${base}dora#account`), followed: uri("mailto:eve@evil.example") },
          { account: uri(`${base}dora#account`), followed: { type: "literal", value: eve } },
          { account: uri(`${base}dora#account`), followed: uri("https://user@evil.example/eve#account") },
        ];
        text(
          JSON.stringify({ head: { vars: ["account", "followed"] }, results: { bindings } }),
          "application/sparql-results+json",
        )(request, response);
      },
    });
    for (const account of [accountAt(server, "alice"), accountAt(server, "dora"), victim])
      await follows(hub, bob, account);
    expect(foundIn(await discover())).toEqual([CAROL]);
  });

  it("when its page speaks about others", async () => {
    await alone((request, response) =>
      turtle(
        says("https://other.example/x#account", "https://evil.example/eve#account") +
          says(`http://${request.headers.host}/alice#account`, CAROL),
      )(request, response),
    );
    expect(foundIn(await discover())).toEqual([CAROL]);
  });

  it("when somebody follows a million", async () => {
    const many = Array.from({ length: 3_000 }, (_, at) => `https://a.example/${at}#account`);
    const server = await alone((request, response) =>
      turtle(says(`http://${request.headers.host}/alice#account`, ...many))(request, response),
    );
    expect((await discover(portsWith(), { limit: 100 })).suggestions).toHaveLength(100);
    const learned = hub.ports.records.reader.learned("follows", accountAt(server, "alice"));
    expect(learned).toMatchObject({ isCut: true });
    expect(learned?.follows).toHaveLength(500);
  });

  it("when its pages have no end", async () => {
    let page = 0;
    const server = await alone((request, response) =>
      turtle(says(`http://${request.headers.host}/alice#account`, `https://a.example/${page++}#account`), {
        link: `</alice/following?page=${page}>; rel="next"`,
      })(request, response),
    );
    expect(foundIn(await discover())).toHaveLength(3);
    expect(pathsOf(server).filter((path) => path === "/alice/following")).toHaveLength(3);
  });

  it("when it never answers", async () => {
    await alone(() => undefined);
    expect(problemIn(await discover(portsWith({ timeout_ms: 100 })))).toContain("did not answer in time");
  });

  it("when it answers for ever", async () => {
    const server = await alone((_, response) => {
      response.writeHead(200, { "content-type": "text/turtle" });
      const more = (): void => {
        while (response.write(`<http://x/${"x".repeat(60_000)}> <http://x/p> 1 .\n`));
        response.once("drain", more);
      };
      more();
    });
    expect(problemIn(await discover())).toContain("at most 1048576 bytes");
    await server.brokenOff;
  });

  it("when it has too many triples", async () => {
    await alone(turtle(Array.from({ length: 20_001 }, (_, at) => `<http://x/> <http://x/p> ${at} .\n`).join("")));
    expect(problemIn(await discover())).toContain("cannot be read");
  });

  it("when it gives a page for people", async () => {
    await alone(text("<!doctype html><title>Hello</title>", "text/html"));
    expect(problemIn(await discover())).toContain("Expected RDF");
  });

  it("when it redirects around and around", async () => {
    const server = await alone((request, response) => void response.writeHead(302, { location: request.url }).end());
    expect(problemIn(await discover())).toContain("redirects more than 5 times");
    expect(pathsOf(server)).toHaveLength(7);
  });

  it("when its robots.txt redirects around and around", async () => {
    const server = await serve({
      "/robots.txt": (_, response) => void response.writeHead(302, { location: "/robots.txt" }).end(),
    });
    await follows(hub, bob, accountAt(server, "alice"));
    expect((await discover()).walk?.hosts.done).toBe(1);
    expect(pathsOf(server).filter((path) => path === "/robots.txt")).toHaveLength(6);
  });

  it("when its robots.txt is giant: its beginning counts", async () => {
    const server = await serve({
      "/robots.txt": robots(`User-agent: *\nDisallow: /\n${"# nothing\n".repeat(200_000)}`),
    });
    await follows(hub, bob, accountAt(server, "alice"));
    expect(problemIn(await discover())).toContain("robots.txt does not allow it");
    expect(pathsOf(server)).toEqual(["/robots.txt"]);
  });

  it("when it is on a private address, which a hub on the web does not ask", async () => {
    const server = await alone(turtle(""));
    expect(problemIn(await discover(portsWith({ guard: { allowPrivate: false, userAgent: USER_AGENT } })))).toContain(
      "is a private address",
    );
    expect(server.seen).toEqual([]);
  });

  it("when it leads to a private address", async () => {
    const guard = { allowPrivate: true, userAgent: USER_AGENT };
    const inside = await serve({ "/secret": turtle("") });
    const server = await alone((_, response) => {
      // Of the addresses of a test all are private: from here on that matters.
      guard.allowPrivate = false;
      response.writeHead(302, { location: `${inside.url}secret` }).end();
    });
    expect(problemIn(await discover(portsWith({ guard })))).toContain("is a private address");
    expect(pathsOf(server)).toEqual(["/robots.txt", "/alice/following"]);
    expect(inside.seen).toEqual([]);
  });

  it("when its next page is on another host, which it does not speak for", async () => {
    const other = await serve({});
    await alone((request, response) =>
      turtle(says(`http://${request.headers.host}/alice#account`, CAROL), { link: `<${other.url}x>; rel="next"` })(
        request,
        response,
      ),
    );
    expect(foundIn(await discover())).toEqual([CAROL]);
    expect(other.seen).toEqual([]);
  });

  it("when it has more accounts than may be asked for at once", async () => {
    const names = Array.from({ length: 60 }, (_, at) => `a${at}`);
    const server = await serve(Object.fromEntries(names.map((name) => [`/${name}/following`, turtle("")])));
    for (const name of names) await follows(hub, bob, accountAt(server, name));
    const { walk } = await discover();
    expect(walk).toMatchObject({ stopped: "bounds", accounts: 12 });
    expect(pathsOf(server).slice(0, 2)).toEqual(["/robots.txt", "/sparql"]);
    expect(server.seen).toHaveLength(14);
  });

  it("when it is not there", async () => {
    const server = await alone(turtle(""));
    servers.splice(servers.indexOf(server), 1);
    await server[Symbol.asyncDispose]();
    expect(problemIn(await discover())).toContain("could not be reached");
  });

  it("when it is one of very many", async () => {
    for (let at = 0; at < 40; at++) await follows(hub, bob, `http://127.0.${at}.1:1/alice#account`);
    const { walk } = await discover();
    expect(walk).toMatchObject({ stopped: "bounds", hosts: { done: 32, left: 0 } });
  });
});
