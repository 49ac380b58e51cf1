import { afterAll, beforeAll, expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { writeNTriples } from "../../src/rdf/ntriples.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import { freePort } from "../support/free-port.ts";
import { describeNeeding } from "../support/needing.ts";
import { startTestXmppServer, XMPP_SERVERS } from "../support/xmpp-server.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { SlixmppClient } from "./slixmpp-client.ts";
import { Commands } from "./sterna-command.ts";

const [HERE, THERE] = ["here.localhost", "there.localhost"] as const;
const SECRET = "tern";
const PREFIXES = "PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX foaf: <http://xmlns.com/foaf/0.1/>";
/** Alice's own JID, linked to her account here; and somebody without an account. */
const CAROL = { jid: "carol@people.localhost", password: "sea" };
const BOB = { jid: "bob@people.localhost", password: "sky" };

interface Answer {
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, Readonly<Record<string, string>>>>[];
  readonly turtle: string | null;
  readonly boolean: string | null;
  readonly page: { readonly last?: string; readonly count?: string };
}

for (const server of XMPP_SERVERS) {
  await describeNeeding([server, "slixmpp"], `SPARQL by IQ, on ${server}`, () => {
    const stack = new AsyncDisposableStack();
    let here: HubProcess;
    /** A hub whose base leads nowhere, as behind NAT. */
    let there: HubProcess;
    let alice: TestAccount;
    let dora: TestAccount;
    let carol: SlixmppClient;
    let bob: SlixmppClient;

    beforeAll(async () => {
      const components = [HERE, THERE].map((domain) => ({ domain, secret: SECRET }));
      const xmpp = stack.use(await startTestXmppServer(server, { components, accounts: [CAROL, BOB] }));
      const start = async (domain: string, base?: string) => {
        const port = await freePort();
        const link = { service: xmpp.serviceOf(domain), domain, secret: SECRET };
        const place = { command: [], door: `http://localhost:${port}/` };
        const elsewhere = base === undefined ? {} : { env: { STERNA_BASE: base }, place: { ...place, base } };
        return stack.use(await HubProcess.start({ port, xmpp: link, ...elsewhere }));
      };
      here = await start(HERE);
      there = await start(THERE, `http://${THERE}:${await freePort()}/`);
      alice = await here.account("alice", { linkedJids: [CAROL.jid] });
      dora = await there.account("dora");
      const clients = [CAROL, BOB].map(({ jid, password }) => SlixmppClient.open(xmpp.c2sPort, jid, password));
      const [first, second] = await Promise.all(clients);
      if (first === undefined || second === undefined) throw new Error("Expected two clients.");
      [carol, bob] = [stack.use(first), stack.use(second)];
      for (const text of ["a tern", "a gull & <b>more</b>", 'quotes " and \\ and é 🐦']) await alice.post(text);
    });
    afterAll(async () => {
      await stack.disposeAsync();
    });

    const ask = async (who: SlixmppClient, query: string, more: Readonly<Record<string, unknown>> = {}) => {
      const told = await who.ask("sparql", { to: HERE, query: `${PREFIXES} ${query}`, ...more });
      if (told["no"] !== undefined) throw new Error(JSON.stringify(told["no"]));
      return told["done"] as Answer;
    };
    const overHttp = async (query: string, accept: string, token?: string): Promise<string> => {
      const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      const answer = await fetch(here.address(`sparql?query=${encodeURIComponent(`${PREFIXES} ${query}`)}`), {
        headers,
      });
      return await answer.text();
    };
    const rowsOverHttp = async (query: string, token?: string) => {
      const text = await overHttp(query, "application/sparql-results+json", token);
      return (JSON.parse(text) as { results: { bindings: Answer["rows"] } }).results.bindings;
    };
    const lines = async (turtle: string): Promise<readonly string[]> => {
      const quads = await parseRdf(turtle, { format: "turtle", baseIri: here.base as Iri });
      if (isRefusal(quads)) throw new Error(quads.message);
      return writeNTriples(quads).split("\n").sort();
    };

    it("answers as over HTTP, and says in disco that it does", async () => {
      for (const to of [HERE, alice.jid]) {
        const { done } = await bob.ask("discover", { to });
        expect(done).toMatchObject({
          features: expect.arrayContaining(["http://www.w3.org/2005/09/xmpp-sparql-binding"]),
        });
      }
      const posts =
        "SELECT ?post ?text ?created { ?post sioc:content ?text ; <http://purl.org/dc/terms/created> ?created }";
      const { name, rows } = await ask(bob, `${posts} ORDER BY ?created`);
      expect(name).toBe("{http://www.w3.org/2005/sparql-results#}sparql");
      expect(rows).toHaveLength(3);
      expect(rows).toEqual(await rowsOverHttp(`${posts} ORDER BY ?created`));
      expect((await ask(bob, posts, { to: alice.jid })).rows).toHaveLength(3);
      expect(await ask(bob, "ASK { ?post sioc:content 'a tern' }")).toMatchObject({ boolean: "true" });
      const graph = "CONSTRUCT WHERE { ?post sioc:content ?text ; sioc:has_creator ?who }";
      const { turtle } = await ask(bob, graph);
      expect(await lines(turtle ?? "")).toEqual(await lines(await overHttp(graph, "text/turtle")));
    });

    it("shows a linked JID what its account sees, and nobody else", async () => {
      const secret = "SELECT ?text { ?note foaf:name ?text . FILTER(CONTAINS(?text, 'diary')) }";
      const written = await fetch(here.address("alice/graphs/diary"), {
        method: "PUT",
        headers: { authorization: `Bearer ${alice.token}`, "content-type": "text/turtle" },
        body: `<> <http://xmlns.com/foaf/0.1/name> "dear diary" .`,
      });
      expect(written.status).toBe(201);
      expect((await ask(carol, secret)).rows).toEqual([{ text: { type: "literal", value: "dear diary" } }]);
      expect((await ask(bob, secret)).rows).toEqual([]);
    });

    it("pages what is larger than a stanza, and refuses it to who does not know of pages", async () => {
      const numbers = Array.from({ length: 100 }, (_, n) => n).join(" ");
      const large = `SELECT ?a ?b ?c { VALUES ?a { ${numbers} } VALUES ?b { ${numbers} } BIND("${"x".repeat(60)}" AS ?c) } ORDER BY ?a ?b`;
      const { no } = await bob.ask("sparql", { to: HERE, query: large });
      // COMPAT: slixmpp 1.8 does not know the condition, policy-violation.
      expect(no).toMatchObject({ text: expect.stringContaining("300000 bytes") });
      const rows: unknown[] = [];
      let pages = 0;
      for (let after: string | undefined; rows.length < 10_000; pages++) {
        const { rows: some, page } = await ask(bob, large, { max: 9_999, ...(after === undefined ? {} : { after }) });
        expect([some.length > 0, page.count]).toEqual([true, "10000"]);
        rows.push(...some);
        after = page.last;
      }
      expect(pages).toBeGreaterThan(2);
      expect(rows).toEqual(await rowsOverHttp(large));
    });

    it("says what is wrong", async () => {
      expect(await bob.ask("sparql", { to: HERE, query: "SELECT ?s\nWHERE { ?s }" })).toMatchObject({
        no: { condition: "bad-request", text: expect.stringContaining("line 2") },
      });
      expect(await bob.ask("sparql", { to: HERE, query: "CLEAR ALL" })).toMatchObject({
        no: { condition: "forbidden" },
      });
      expect(await bob.ask("sparql", { to: `nobody@${HERE}`, query: "ASK {}" })).toMatchObject({
        no: { condition: "item-not-found" },
      });
      expect(await bob.ask("sparql", { to: HERE, query: "ASK {}", max: 5, after: "gone.3" })).toMatchObject({
        no: { condition: "item-not-found" },
      });
    });

    it("lets a hub without HTTP be followed, described and asked across hubs", async () => {
      await expect(fetch(there.base)).rejects.toThrow("fetch failed");
      const seen = await dora.post("seen from behind the dunes");
      expect(await alice.follow(dora.jid)).toMatchObject({ account: dora.iri, jid: dora.jid });
      await eventually("the backfill", async () => (await here.posts(dora.iri)).has(seen));
      // With `fresh` what was pushed is asked for nevertheless.
      const query = `${PREFIXES} SELECT ?text { ?post sioc:has_creator <${dora.iri}> ; sioc:content ?text }`;
      const across = new URLSearchParams({ query, scope: "network", fresh: "true", provenance: "true" });
      const answer = await fetch(here.address(`sparql?${across.toString()}`), {
        headers: { accept: "application/sparql-results+json", authorization: `Bearer ${alice.token}` },
      });
      const { results, sterna } = (await answer.json()) as {
        results: { bindings: Answer["rows"] };
        sterna: { asked: readonly { hub: string; triples: number }[]; warnings: readonly unknown[] };
      };
      expect(sterna).toMatchObject({ asked: [{ hub: there.base }], warnings: [] });
      expect(results.bindings).toMatchObject([
        { text: { value: "seen from behind the dunes" }, hub: { value: there.base } },
      ]);
    });

    it("lets one such hub be asked by its name, from the command line", async () => {
      await using commands = await Commands.open({ STERNA_URL: here.address(""), STERNA_TOKEN: alice.token });
      const query = (hub: string, text: string) => commands.run(["query", `${PREFIXES} ${text}`, "--hub", hub]);
      const texts = "SELECT ?text { ?post sioc:content ?text }";
      for (const hub of [there.base, `xmpp:${THERE}`, `xmpp:${dora.jid}`]) {
        const { code, stdout, stderr } = await query(hub, texts);
        expect([hub, code, stderr]).toEqual([hub, 0, ""]);
        expect(stdout).toContain("seen from behind the dunes");
        expect(stdout).not.toContain("a tern");
      }
      const asked = await query(`xmpp:${THERE}`, `ASK { <${dora.iri}> ?p ?o }`);
      expect(asked).toMatchObject({ code: 0, stdout: "yes\n" });
      const service = `SELECT ?text { SERVICE <xmpp:${THERE}> { ?post sioc:content ?text } }`;
      expect(await commands.run(["query", `${PREFIXES} ${service}`])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("behind the dunes"),
      });
      expect(await query("xmpp:nobody.localhost", texts)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("follow somebody there first"),
      });
    });
  });
}
