import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOTE_TRIPLES_MAX } from "../../../src/core/note.ts";
import { runUpdate, type UpdateDone, type UpdateWish } from "../../../src/hub/graphs/run-update.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { runQuery } from "../../../src/hub/queries/run-query.ts";
import { isRefusal, type Refusal } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNTriples } from "../../../src/rdf/ntriples.ts";
import { ANONYMOUS, addAccount, type Holder, live, must, OWNER, openTestHub, post, type TestHub } from "../test-hub.ts";

const PREFIXES = `PREFIX g: <https://hub.example/alice/graphs/> PREFIX : <urn:example:>
PREFIX sterna: <https://w3id.org/sterna#> PREFIX sioc: <http://rdfs.org/sioc/ns#> `;
const G = "https://hub.example/alice/graphs/" as Iri;

let hub: TestHub;
let alice: Holder;
let bob: Holder;
beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
  bob = await addAccount(hub, "bob");
});
afterEach(() => hub[Symbol.asyncDispose]());

const update = (text: string, by: Requester = alice, wish: UpdateWish = {}): Promise<UpdateDone | Refusal> =>
  runUpdate(hub.ports, by, PREFIXES + text, wish);

async function refusal(text: string, by: Requester = alice, wish: UpdateWish = {}): Promise<Refusal> {
  const done = await update(text, by, wish);
  if (!isRefusal(done)) throw new Error(`Expected a refusal of ${text}, but it was done.`);
  return done;
}

/** What a graph holds as sorted lines, blank nodes nameless; undefined when it is not there. */
function graph(name: string): readonly string[] | undefined {
  const stored = hub.ports.records.reader.document(`${G}${name}` as Iri);
  if (stored?.kind !== "live") return undefined;
  const lines = writeNTriples(stored.document.quads).trimEnd().replace(/_:\S+/g, "_:").replaceAll("urn:example:", "");
  return lines === ""
    ? []
    : lines
        .split("\n")
        .map((line) => line.slice(0, -2))
        .sort();
}

/** Rows of a SELECT as the values of its variables. */
async function rows(
  text: string,
  by: Requester = alice,
  graphs?: { readonly default: readonly string[]; readonly named: readonly string[] },
): Promise<readonly string[]> {
  const wish = graphs === undefined ? {} : { graphs: graphs as { default: readonly Iri[]; named: readonly Iri[] } };
  const answer = must(await runQuery(hub.ports, by, PREFIXES + text, wish));
  if (answer.kind !== "bindings") throw new Error("Expected rows.");
  const found: string[] = [];
  for await (const row of answer.rows) {
    found.push(answer.variables.map((name) => row.get(name)?.value.replace("urn:example:", "") ?? "").join(" "));
  }
  return found.sort();
}

describe("SPARQL Update into graphs of one's own", () => {
  it("inserts and deletes data", async () => {
    expect(must(await update(`INSERT DATA { GRAPH g:a { :s :p :o , "x"@en , 1 . :s :q [] } }`))).toEqual({
      inserted: 4,
      deleted: 0,
      graphs: [{ graph: `${G}a`, triples: 4 }],
    });
    must(await update(`DELETE DATA { GRAPH g:a { :s :p :o , 2 } }`));
    expect(graph("a")).toEqual([
      '<s> <p> "1"^^<http://www.w3.org/2001/XMLSchema#integer>',
      '<s> <p> "x"@en',
      "<s> <q> _:",
    ]);
  });

  it("keeps graphs as private documents of the account, in its own queries alone", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :p "mine" } }`));
    const { document } = live(hub, `${G}a` as Iri);
    expect(document).toMatchObject({
      kind: "note",
      audience: { only: alice.iri },
      origin: { kind: "own" },
      author: alice.iri,
    });
    expect(await rows("SELECT ?o { :s :p ?o }")).toEqual(["mine"]);
    for (const other of [bob, ANONYMOUS, OWNER]) expect(await rows("SELECT ?o { :s :p ?o }", other)).toEqual([]);
  });

  it("fills patterns in with what the requester may see", async () => {
    const { iri } = await post(hub, bob, "About terns");
    must(await update(`INSERT { GRAPH g:a { ?post :seen ?text } } WHERE { ?post sioc:content ?text }`));
    expect(graph("a")).toEqual([`<${iri}> <seen> "About terns"`]);
    must(
      await update(`DELETE { GRAPH g:a { ?post :seen ?t } } INSERT { GRAPH g:a { ?post :read ?t } }
      WHERE { GRAPH g:a { ?post :seen ?t } }`),
    );
    expect(graph("a")).toEqual([`<${iri}> <read> "About terns"`]);
  });

  it("takes WITH and USING for the graph that is meant", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :p 1 } GRAPH g:b { :s :p 2 } }`));
    must(await update(`WITH g:a DELETE { ?s ?p ?o } INSERT { ?s :q ?o } WHERE { ?s ?p ?o }`));
    expect(graph("a")).toEqual(['<s> <q> "1"^^<http://www.w3.org/2001/XMLSchema#integer>']);
    must(await update(`INSERT { GRAPH g:c { ?s ?p ?o } } USING g:b WHERE { ?s ?p ?o }`));
    expect(graph("c")).toEqual(graph("b"));
    must(await update(`INSERT { GRAPH g:d { ?g ?p ?o } } USING NAMED g:b WHERE { GRAPH ?g { ?s ?p ?o } }`));
    expect(graph("d")).toEqual([`<${G}b> <p> "2"^^<http://www.w3.org/2001/XMLSchema#integer>`]);
    const using = { default: [`${G}a` as Iri], named: [] };
    must(await update(`INSERT { GRAPH g:e { ?s ?p ?o } } WHERE { ?s ?p ?o }`, alice, { using }));
    expect(graph("e")).toEqual(graph("a"));
    expect((await refusal(`WITH g:a DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }`, alice, { using })).code).toBe("invalid");
  });

  it("lets each operation see what those before it did, also in the default graph", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :old 1 } }`));
    must(
      await update(`INSERT DATA { GRAPH g:a { :s :p 1 } } ; DELETE DATA { GRAPH g:a { :s :old 1 } } ;
        INSERT { GRAPH g:b { ?s :copied ?p } } WHERE { ?s ?p 1 } ;
        INSERT { GRAPH g:c { ?s :copied ?p } } WHERE { GRAPH ?g { ?s ?p 1 } }`),
    );
    expect(graph("b")).toEqual(["<s> <copied> <p>"]);
    expect(graph("c")).toEqual(["<s> <copied> <p>"]);
  });

  it("makes new blank nodes for each solution, and takes them out again by pattern", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :p 1 , 2 } }`));
    must(await update(`INSERT { GRAPH g:b { [] :of ?o } } WHERE { GRAPH g:a { ?s ?p ?o } }`));
    expect(
      await rows("SELECT DISTINCT ?s { GRAPH ?g { ?s :of ?o } }", alice, { default: [], named: [`${G}b`] }),
    ).toHaveLength(2);
    must(await update(`DELETE { GRAPH g:b { ?s ?p ?o } } WHERE { GRAPH g:b { ?s ?p ?o } }`));
    expect(graph("b")).toEqual([]);
    must(
      await update(
        `INSERT DATA { GRAPH g:b { _:x :p 1 . _:x :q 2 } }; DELETE { GRAPH g:b { ?s ?p ?o } } WHERE { ?s :p 1 ; ?p ?o . FILTER(ISBLANK(?s)) }`,
      ),
    );
    expect(graph("b")).toEqual([]);
  });

  it("leaves out what would be no triple", async () => {
    must(
      await update(
        `INSERT { GRAPH g:a { ?o ?p ?s . ?s ?unbound ?o . ?s ?p ?o } } WHERE { VALUES (?s ?p ?o) { (:s :p "text") } }`,
      ),
    );
    expect(graph("a")).toEqual(['<s> <p> "text"']);
  });

  it("makes, empties, drops, copies, moves and adds graphs", async () => {
    must(await update("CREATE GRAPH g:a"));
    expect(graph("a")).toEqual([]);
    expect((await refusal("CREATE GRAPH g:a")).code).toBe("conflict");
    must(await update("CREATE SILENT GRAPH g:a"));
    must(await update(`INSERT DATA { GRAPH g:a { :a :p 1 } GRAPH g:b { :b :p [] } }`));
    must(await update("ADD g:a TO g:b"));
    expect(graph("b")).toHaveLength(2);
    must(await update("COPY g:b TO g:c"));
    expect(graph("c")).toEqual(graph("b"));
    must(await update("MOVE g:c TO g:a"));
    expect([graph("a"), graph("c")]).toEqual([graph("b"), undefined]);
    must(await update("CLEAR GRAPH g:a"));
    expect(graph("a")).toEqual([]);
    must(await update("DROP NAMED"));
    expect([graph("a"), graph("b")]).toEqual([undefined, undefined]);
    expect((await refusal("DROP GRAPH g:a")).code).toBe("not-found");
    expect((await refusal("COPY g:nothing TO g:a")).code).toBe("not-found");
    must(await update("DROP SILENT GRAPH g:a; CLEAR SILENT GRAPH g:a; MOVE SILENT g:nothing TO g:a"));
  });

  it("copies what the requester may see, and no more", async () => {
    const { iri } = await post(hub, bob, "Hello");
    must(await update(`COPY <${iri}> TO g:a`));
    expect(graph("a")?.length).toBeGreaterThan(4);
    must(await update(`INSERT DATA { GRAPH <https://hub.example/bob/graphs/x> { :s :p 1 } }`, bob));
    expect((await refusal("COPY <https://hub.example/bob/graphs/x> TO g:b")).code).toBe("not-found");
    must(
      await update(`INSERT { GRAPH g:b { ?s ?p ?o } } WHERE { GRAPH <https://hub.example/bob/graphs/x> { ?s ?p ?o } }`),
    );
    expect(graph("b")).toBeUndefined();
  });

  it("goes on after a silent LOAD, which loads nothing", async () => {
    must(await update("LOAD SILENT <http://127.0.0.1:1/x> INTO GRAPH g:a ; INSERT DATA { GRAPH g:b { :s :p 1 } }"));
    expect([graph("a"), graph("b")?.length]).toEqual([undefined, 1]);
  });

  it("does all of a request or nothing", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :p 1 } }`));
    const before = live(hub, `${G}a` as Iri).version;
    const no = await refusal(`INSERT DATA { GRAPH g:a { :s :p 2 } } ; INSERT DATA { :s :p 3 }`);
    expect(no).toMatchObject({ code: "forbidden", message: expect.stringContaining("default graph") });
    expect([graph("a")?.length, live(hub, `${G}a` as Iri).version]).toEqual([1, before]);
  });

  it("loses nothing of updates that come at the same time", async () => {
    const many = await Promise.all(
      Array.from({ length: 3 }, (_, n) =>
        update(`INSERT { GRAPH g:a { :s :p ${n} } } WHERE { ?account a sioc:UserAccount }`),
      ),
    );
    expect(many.filter(isRefusal)).toEqual([]);
    expect(graph("a")).toHaveLength(3);
  });

  it("does not write what is there already", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :p 1 } }`));
    const { version } = live(hub, `${G}a` as Iri);
    expect(must(await update(`INSERT DATA { GRAPH g:a { :s :p 1 } }`))).toEqual({
      inserted: 0,
      deleted: 0,
      graphs: [],
    });
    expect(live(hub, `${G}a` as Iri).version).toBe(version);
  });
});

describe("what an update may not do", () => {
  it.each([
    ["the default graph", "INSERT DATA { :s :p :o }", "default graph"],
    ["the default graph by a pattern", "DELETE WHERE { ?s ?p ?o }", "default graph"],
    ["everything", "CLEAR ALL", "default graph"],
    ["the default graph as a source", "COPY DEFAULT TO g:a", "default graph"],
    ["somebody else's graphs", "INSERT DATA { GRAPH <https://hub.example/bob/graphs/x> { :s :p :o } }", "of your own"],
    ["graphs of elsewhere", "INSERT DATA { GRAPH <https://other.example/x> { :s :p :o } }", "of your own"],
    [
      "a graph below a graph",
      "INSERT DATA { GRAPH <https://hub.example/alice/graphs/a/b> { :s :p :o } }",
      "of your own",
    ],
    ["a profile", "INSERT DATA { GRAPH <https://hub.example/alice> { :s :p :o } }", "commands"],
    ["LOAD", "LOAD <http://127.0.0.1:1/x> INTO GRAPH g:a", "LOAD"],
    ["SERVICE", "INSERT { GRAPH g:a { ?s ?p ?o } } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE"],
    [
      "a graph by a variable",
      "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH <https://hub.example/alice> { ?s ?p ?o } BIND(<https://hub.example/alice> AS ?g) }",
      "commands",
    ],
  ])("refuses %s with the reason", async (_, text, reason) => {
    expect(await refusal(text)).toMatchObject({ code: "forbidden", message: expect.stringContaining(reason) });
  });

  it("refuses posts, which change through the hub's commands alone", async () => {
    const { iri } = await post(hub, alice, "Hello");
    const before = live(hub, iri).version;
    expect(await refusal(`DELETE WHERE { GRAPH <${iri}> { ?s ?p ?o } }`)).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("commands"),
    });
    expect(live(hub, iri).version).toBe(before);
    must(await editPost(hub.ports, alice, iri, { text: "Hello again" }));
  });

  it("asks for the token of an account", async () => {
    const text = "INSERT DATA { GRAPH g:a { :s :p :o } }";
    expect((await refusal(text, ANONYMOUS)).code).toBe("unauthenticated");
    expect((await refusal(text, OWNER)).code).toBe("forbidden");
  });

  it.each([
    ["INSERT DATA { GRAPH g:a { ?x :p :o } }", "malformed"],
    ["INSERT DATA { GRAPH nope:a { :s :p :o } }", "malformed"],
    ["CLEAR\n  XYZ", "malformed"],
    ["ASK {}", "invalid"],
    ["INSERT DATA { GRAPH <https://hub.example/alice/graphs/caf\u00e9> { :s :p :o } }", "invalid"],
    [`INSERT DATA { GRAPH g:a { :s :p <urn:not\\u0020absolute> } }`, "invalid"],
  ])("refuses %s with its place or reason", async (text, code) => {
    expect((await refusal(text)).code).toBe(code);
  });

  it("names the place of a mistake", async () => {
    expect(await runUpdate(hub.ports, alice, "CLEAR\n  XYZ")).toMatchObject({ detail: { line: 2, column: 3 } });
  });

  it("bounds what one request copies to and fro", async () => {
    const triples = Array.from({ length: 5_000 }, (_, n) => `:s :p ${n}`).join(" . ");
    must(await update(`INSERT DATA { GRAPH g:a { ${triples} } }`));
    const before = live(hub, `${G}a` as Iri).version;
    expect((await refusal("COPY g:a TO g:b ; ".repeat(60))).code).toBe("too-large");
    expect([graph("b"), live(hub, `${G}a` as Iri).version]).toEqual([undefined, before]);
  });

  it("bounds the triples of a graph", async () => {
    const digits = "VALUES ?a { 0 1 2 3 4 5 6 7 8 9 }";
    const wheres = ["a", "b", "c", "d"].map((name) => digits.replace("?a", `?${name}`)).join(" ");
    const text = `INSERT { GRAPH g:a { ?a ?p ?o . :s :p ?n } } WHERE { ${wheres} BIND(?a * 1000 + ?b * 100 + ?c * 10 + ?d AS ?n) }`;
    must(await update(text));
    expect(graph("a")).toHaveLength(NOTE_TRIPLES_MAX);
    expect((await refusal("INSERT DATA { GRAPH g:a { :one :too :many } }")).code).toBe("too-large");
  });
});

describe("a published graph", () => {
  const published = "g:a sterna:audience sterna:Public";

  it("is for everybody as long as it says so of itself", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { ${published} . <https://example.org/> :title "A page" } }`));
    expect(live(hub, `${G}a` as Iri).document.audience).toBe("public");
    expect(await rows("SELECT ?t { ?page :title ?t }", ANONYMOUS)).toEqual(["A page"]);
    must(await update(`DELETE DATA { GRAPH g:a { ${published} } }`));
    expect(await rows("SELECT ?t { ?page :title ?t }", ANONYMOUS)).toEqual([]);
    expect(await rows("SELECT ?t { ?page :title ?t }")).toEqual(["A page"]);
  });

  it.each([
    ["a post of somebody", "g:a#1 sioc:has_creator <https://hub.example/bob#account>"],
    ["a new post", "g:a#1 a <http://rdfs.org/sioc/types#MicroblogPost>"],
    ["something of a profile", `<https://hub.example/bob#me> <http://xmlns.com/foaf/0.1/name> "Mallory"`],
    ["a follow", "<https://other.example/carol#account> sioc:follows <https://hub.example/bob#account>"],
  ])("may not state %s", async (_, triple) => {
    const text = triple.replaceAll(/g:a#1/g, `<${G}a#1>`);
    must(await update(`INSERT DATA { GRAPH g:a { ${text} } }`));
    expect(await refusal(`INSERT DATA { GRAPH g:a { ${published} } }`)).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("cannot be public"),
    });
  });

  it("may say of its own things that its account made them", async () => {
    must(
      await update(
        `INSERT DATA { GRAPH g:a { ${published} . <${G}a#1> sioc:has_creator <${alice.iri}> ; sioc:topic <urn:t> } }`,
      ),
    );
    expect(await rows("SELECT ?note { ?note sioc:topic <urn:t> }", ANONYMOUS)).toEqual([`${G}a#1`]);
  });
});

describe("a query that names its dataset", () => {
  it("sees the documents it names, merged and by name", async () => {
    const [one, two] = [await post(hub, alice, "One"), await post(hub, bob, "Two")];
    const content = "SELECT ?text FROM <IRI> { ?p sioc:content ?text }";
    expect(await rows(content.replace("IRI", one.iri))).toEqual(["One"]);
    expect(
      await rows("SELECT ?text { ?p sioc:content ?text }", ANONYMOUS, { default: [one.iri, two.iri], named: [] }),
    ).toEqual(["One", "Two"]);
    const named = `SELECT ?g ?text FROM NAMED <${one.iri}> FROM NAMED <${two.iri}> { GRAPH ?g { ?p sioc:content ?text } }`;
    expect(await rows(named)).toEqual([`${one.iri} One`, `${two.iri} Two`].sort());
    expect(await rows(`SELECT ?text FROM NAMED <${one.iri}> { ?p sioc:content ?text }`)).toEqual([]);
  });

  it("goes by the protocol's parameters when the text says otherwise", async () => {
    const [one, two] = [await post(hub, alice, "One"), await post(hub, bob, "Two")];
    const text = `SELECT ?text FROM <${one.iri}> { ?p sioc:content ?text }`;
    expect(await rows(text, ANONYMOUS, { default: [two.iri], named: [] })).toEqual(["Two"]);
  });

  it("names private documents only for their account", async () => {
    must(await update(`INSERT DATA { GRAPH g:a { :s :p "mine" } }`));
    const text = `SELECT ?o FROM <${G}a> { ?s ?p ?o }`;
    expect(await rows(text)).toEqual(["mine"]);
    for (const other of [bob, ANONYMOUS, OWNER]) {
      expect(await runQuery(hub.ports, other, text)).toMatchObject({ kind: "refusal", code: "invalid" });
    }
  });

  it("refuses graphs that are not there", async () => {
    expect(await runQuery(hub.ports, ANONYMOUS, "ASK FROM <https://other.example/x> {}")).toMatchObject({
      kind: "refusal",
      code: "invalid",
      message: expect.stringContaining("https://other.example/x"),
    });
  });
});
