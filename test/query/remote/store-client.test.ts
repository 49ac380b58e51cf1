import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { StoreClient } from "../../../src/query/remote/store-client.ts";
import type { Iri } from "../../../src/rdf/iri.ts";

const patience = (): AbortSignal => AbortSignal.timeout(60_000);

/** A store on a free port that answers as it is told. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => answer(request, response, body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sparql`;
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

describe("the client of a store outside", () => {
  it("answers a challenge by HTTP Digest, and counts its answers", async () => {
    const counts: string[] = [];
    const url = await serve((request, response) => {
      const given = new Map(
        [...(request.headers.authorization ?? "").matchAll(/(\w+)="?([^",]+)"?/g)].map(([, name = "", value = ""]) => [
          name,
          value,
        ]),
      );
      const get = (name: string): string => given.get(name) ?? "";
      const wanted = md5(
        `${md5("hub:SPARQL:secret")}:n1:${get("nc")}:${get("cnonce")}:auth:${md5(`POST:${request.url ?? ""}`)}`,
      );
      if (get("response") === wanted) counts.push(get("nc"));
      else
        response.setHeader(
          "www-authenticate",
          'Digest realm="SPARQL", nonce="n1", opaque="o", qop="auth", algorithm="MD5"',
        );
      response.writeHead(get("response") === wanted ? 200 : 401).end();
    });
    const client = new StoreClient({ query: url, update: `${url}?a=b`, user: "hub", password: "secret" });
    expect(await client.update("INSERT DATA {}", patience())).toBeUndefined();
    expect(await client.update("INSERT DATA {}", patience())).toBeUndefined();
    expect(counts).toEqual(["00000001", "00000002"]);
  });

  it("answers a challenge by HTTP Basic, and none without one", async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization === undefined)
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      else response.end("{}");
    });
    const client = new StoreClient({ query: url, update: url, user: "hub", password: "söcret" });
    await client.update("INSERT DATA {}", patience());
    expect(seen).toEqual([undefined, `Basic ${Buffer.from("hub:söcret").toString("base64")}`]);
  });

  it("names the graphs of a query in its parameters", async () => {
    let form = new URLSearchParams();
    const url = await serve((_, response, body) => {
      form = new URLSearchParams(body);
      response.end("{}");
    });
    const dataset = { default: ["urn:a", "urn:b"] as Iri[], named: ["urn:none" as Iri] };
    await new StoreClient({ query: url, update: url }).query("ASK {}", dataset, patience());
    expect([form.getAll("default-graph-uri"), form.getAll("named-graph-uri")]).toEqual([
      ["urn:a", "urn:b"],
      ["urn:none"],
    ]);
  });

  it.each([
    [401, "", "forbidden"],
    [500, "Virtuoso 42000 Error SR186:SECURITY: No permission to execute procedure X.", "forbidden"],
    [
      400,
      "Virtuoso 37000 Error SP030: SPARQL compiler, line 2: syntax error\n\nSPARQL query:\nSELECT secret",
      "invalid",
    ],
    [500, "Virtuoso S1T00 Error SR171: Transaction timed out", "timed-out"],
    [500, "Virtuoso 40001 Error SR172: Transaction deadlocked", "unavailable"],
    [503, "", "unavailable"],
  ])("takes %i %s for %s, and does not repeat the query", async (status, said, code) => {
    const url = await serve((_, response) => response.writeHead(status).end(said));
    const refusal = await new StoreClient({ query: url, update: url }).update("x", patience());
    expect(refusal).toMatchObject({ kind: "refusal", code });
    expect(refusal?.message).not.toContain("SELECT secret");
  });

  it("says that a store is not there", async () => {
    const client = new StoreClient({ query: "http://127.0.0.1:9/sparql", update: "http://127.0.0.1:9/sparql" });
    const refusal = await client.query("ASK {}", { default: [], named: [] }, patience());
    expect(isRefusal(refusal) && refusal.code).toBe("unavailable");
    expect(isRefusal(refusal) && refusal.detail).toEqual({ retryAfter_s: 5 });
  });
});
