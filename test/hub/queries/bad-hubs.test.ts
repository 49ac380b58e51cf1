import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followToQuads } from "../../../src/core/follow.ts";
import { createRemoteQueries } from "../../../src/feeds/remote-queries.ts";
import { queryNetwork } from "../../../src/hub/queries/query-network.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { openServer, type SmallServer } from "../../feeds/bad-server.ts";
import { addAccount, type Holder, must, openTestHub, type TestHub } from "../test-hub.ts";

const SIOC = "http://rdfs.org/sioc/ns#";
const QUESTION = `PREFIX sioc: <${SIOC}> SELECT ?text { ?post sioc:has_creator ?who ; sioc:content ?text }`;
const NOW = "2026-06-01T12:00:00.000Z";

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

let here: TestHub;
let bob: Holder;
let stack: AsyncDisposableStack;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const remoteQueries = createRemoteQueries({
    allowPrivate: true,
    userAgent: "test",
    base: "https://hub.example/" as Iri,
  });
  here = stack.use(await openTestHub({ remoteQueries }));
  bob = await addAccount(here, "bob");
});
afterEach(async () => {
  await stack.disposeAsync();
});

/** A hub that answers questions as told, and says nothing of itself; bob follows somebody there. */
async function followed(answer: Answer): Promise<SmallServer> {
  const server = stack.use(
    await openServer((request, response) => {
      if (request.url?.startsWith("/sparql?") === true) answer(request, response);
      else response.writeHead(404).end();
    }),
  );
  const quads = followToQuads(bob.iri, `${server.url}somebody#account` as Iri);
  await here.ports.records.transact(() => ({
    changes: [
      {
        kind: "document-put",
        document: {
          graph: `https://hub.example/bob/following/${new URL(server.url).port}` as Iri,
          kind: "follow",
          audience: "public",
          origin: { kind: "own" },
          author: bob.iri,
          created: NOW,
          received: NOW,
          quads,
        },
      },
    ],
    result: undefined,
  }));
  return server;
}

/** Triples of a post as a hub at the asked address says them. */
function says(text: string, { post = "posts/1", creator = "somebody#account" } = {}): Answer {
  return ({ headers }, response) => {
    const at = (name: string): string => (name.includes("://") ? name : `http://${headers.host}/${name}`);
    response.writeHead(200, { "content-type": "application/n-triples" });
    response.end(`<${at(post)}> <${SIOC}has_creator> <${at(creator)}> .\n<${at(post)}> <${SIOC}content> "${text}" .\n`);
  };
}

async function ask(strict = false) {
  return await queryNetwork(here.ports, bob, QUESTION, { timeout_ms: 4_000, strict });
}

async function texts(): Promise<readonly (string | undefined)[]> {
  const { answer } = must(await ask());
  if (answer.kind !== "bindings") throw new Error("Expected rows.");
  return await Array.fromAsync(answer.rows, (row) => row.get("text")?.value);
}

const BAD: readonly (readonly [string, Answer, RegExp])[] = [
  ["fails", (_, response) => response.writeHead(500).end(), /status 500/],
  ["never answers", () => undefined, /did not answer within 4 seconds/],
  [
    "sends a byte and stops",
    (_, response) => response.writeHead(200, { "content-type": "application/n-triples" }).write("<"),
    /did not answer within 4 seconds/,
  ],
  [
    "sends a page",
    (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello</p>"),
    /Expected RDF .* but got text\/html/,
  ],
  [
    "sends nonsense",
    (_, response) => response.writeHead(200, { "content-type": "text/turtle" }).end("Hello"),
    /cannot be read/,
  ],
  ["breaks off", (request) => request.socket.destroy(), /could not be reached/],
  ["has too much to do", (_, response) => response.writeHead(429, { "retry-after": "60" }).end(), /60 seconds/],
];

describe("a hub that answers badly", () => {
  it.each(BAD)("that %s is named, and the others' answers come", async (_, answer, why) => {
    await followed(says("good"));
    const bad = await followed(answer);
    const found = must(await ask());
    expect(found.told.warnings).toEqual([{ hub: bad.url, message: expect.stringMatching(why) }]);
    expect(found.told.warnings[0]?.message).toContain(bad.url);
    // Once it was late it gets less time.
    expect(await texts()).toEqual(["good"]);
    expect(await ask(true)).toMatchObject({ code: "remote-refused", detail: { hubs: [bad.url] } });
  });

  it("is believed neither about other hubs' things nor in other people's names", async () => {
    const good = await followed(says("good"));
    await followed(says("about a post of another hub", { post: `${good.url}posts/1` }));
    await followed(says("in somebody else's name", { creator: `${good.url}somebody#account` }));
    await followed(says("about a post of this hub", { post: "https://hub.example/bob/posts/1" }));
    expect(await texts()).toEqual(["good"]);
  });
});

it("a hub whose people follow everywhere fills no warnings: sixteen hubs are asked, as many named, the others counted", async () => {
  const far = await followed((_, response) => {
    response.writeHead(200, { "content-type": "application/n-triples" });
    for (let n = 0; n < 60; n++) {
      response.write(`<${far.url}somebody#account> <${SIOC}follows> <http://127.0.0.1:1/${n}/a#account> .\n`);
    }
    response.end();
  });
  const text = `PREFIX sioc: <${SIOC}> SELECT ?them { ?who sioc:follows ?them . ?them sioc:name ?name }`;
  const { told } = must(await queryNetwork(here.ports, bob, text, { timeout_ms: 4_000 }));
  const left = told.warnings.filter(({ message }) => message.includes("not asked"));
  expect(left).toHaveLength(17);
  expect(left.at(-1)?.message).toBe("29 more were not asked: a query asks at most 16 hubs.");
});
