import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { isomorphic } from "rdf-isomorphic";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findService } from "../../scripts/services.ts";
import { ATOM_NS, parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import { describeNeeding } from "../support/needing.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";

const GRAMMAR = new URL("../fixtures/atom.rnc", import.meta.url).pathname;
const STERNA_NS = "https://w3id.org/sterna#";
const TOMBSTONES_NS = "http://purl.org/atompub/tombstones/1.0";
const LANDMARK =
  '<b>Übergröße</b> & "ctrl" \\ ]]> 🐦 مرحبا #Zürich #طيور\n\tzweite Zeile https://müller.example/ä?x=1&y=2';

/** One page of a feed. */
interface FeedPage {
  readonly address: string;
  readonly xml: string;
  readonly feed: XmlElement;
  readonly entries: readonly XmlElement[];
}

await describeNeeding(["jing"], "the Atom feed of an account", () => {
  let hub: HubProcess;
  let alice: TestAccount;
  const written: string[] = [];
  let deleted = "";
  let formatted = "";

  beforeAll(async () => {
    hub = await HubProcess.start();
    alice = await hub.account("alice", { displayName: "Ålice & <Co> 🐦" });
    formatted = `${hub.base}alice/posts/2aaaaaaaaaaaa`;
    await importPost(hub, alice, formatted);
    written.push(formatted);
    for (let n = 0; n < 21; n++) written.push(await alice.post(`Post number ${n}`));
    written.push(await alice.post(LANDMARK, { language: "de-CH" }));
    written.push(await alice.post("An answer", { replyTo: written[0] }));
    deleted = await alice.post("Not for long");
    await alice.remove(deleted);
    await alice.edit(written[20] ?? "", "Edited #later");
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
  });

  const read = async (address: string): Promise<FeedPage> => {
    const response = await fetch(address);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^application\/atom\+xml/);
    const xml = await response.text();
    const feed = must(parseXml(xml.replace(/^<\?xml[^>]*\?>\s*/, "")));
    return { address, xml, feed, entries: feed.getChildren("entry", ATOM_NS) };
  };
  /** The pages from the newest to the oldest, as their links lead. */
  const pages = async (): Promise<readonly FeedPage[]> => {
    const found: FeedPage[] = [];
    let next: string | undefined = `${hub.base}alice/feed.atom`;
    while (next !== undefined && found.length < 10) {
      const page = await read(next);
      found.push(page);
      next = linkOf(page.feed, "next");
    }
    return found;
  };

  it("is valid by the grammar of RFC 4287, page for page", async () => {
    const found = await pages();
    expect(found.length).toBeGreaterThan(1);
    for (const { xml } of found) expect(await complaintsOf(xml)).toBe("");
  });

  it("is checked by a grammar that finds mistakes", async () => {
    const { xml } = await read(`${hub.base}alice/feed.atom`);
    expect(await complaintsOf(xml.replace(/<updated>[^<]*<\/updated>/, ""))).toMatch(
      /missing required element "updated"/,
    );
    expect(await complaintsOf(xml.replace(/<entry /, "<entry type='x' "))).toMatch(/attribute "type" not allowed/);
  });

  it("keeps what RFC 4287 says beside its grammar", async () => {
    const ids: string[] = [];
    for (const { feed, entries } of await pages()) {
      // §4.1.1: an author on the feed; §4.2.7: no two alternates of one type and language.
      expect(feed.getChild("author", ATOM_NS)?.getChild("name", ATOM_NS)?.getText()).toBe("Ålice & <Co> 🐦");
      for (const each of [feed, ...entries]) {
        const alternates = each
          .getChildren("link", ATOM_NS)
          .filter(({ attrs }) => (attrs["rel"] ?? "alternate") === "alternate")
          .map(({ attrs }) => `${attrs["type"]} ${attrs["hreflang"]}`);
        expect(new Set(alternates).size).toBe(alternates.length);
        expect(alternates.length).toBeGreaterThan(0);
      }
      ids.push(...entries.map((entry) => childText(entry, "id")));
    }
    // §4.2.6: each entry has its own id; the paging (RFC 5005 §3) gives each post once.
    expect(ids.toSorted()).toEqual(written.toSorted());
  });

  it("leads from page to page and back (RFC 5005)", async () => {
    const [first, second] = await pages();
    expect(linkOf(first?.feed, "self")).toBe(first?.address);
    expect(linkOf(first?.feed, "previous")).toBeUndefined();
    expect(linkOf(second?.feed, "first")).toBe(first?.address);
    const back = await read(linkOf(second?.feed, "previous") ?? "");
    expect(back.entries.map((entry) => childText(entry, "id"))).toEqual(
      first?.entries.map((entry) => childText(entry, "id")),
    );
  });

  it("carries in each entry the RDF of its post", async () => {
    for (const { entries } of await pages()) {
      for (const entry of entries) {
        const iri = childText(entry, "id") as Iri;
        const inside = entry.getChild("turtle", STERNA_NS)?.getText() ?? "";
        const carried = must(await parseRdf(inside, { format: "turtle", baseIri: iri }));
        const response = await fetch(`${hub.base}sparql`, {
          method: "POST",
          headers: { "content-type": "application/sparql-query", accept: "application/n-triples" },
          body: `CONSTRUCT { <${iri}> ?p ?o } WHERE { <${iri}> ?p ?o }`,
        });
        const stored = must(await parseRdf(await response.text(), { format: "ntriples", baseIri: iri }));
        expect(carried.length).toBeGreaterThan(4);
        expect({
          iri,
          same: isomorphic(
            carried.filter(({ subject }) => subject.value === iri),
            [...stored],
          ),
        }).toEqual({ iri, same: true });
      }
    }
  });

  it("carries any text as it was written, in its language, with its tags", async () => {
    const entries = (await pages()).flatMap((page) => page.entries);
    const landmark = entries.find((entry) => childText(entry, "content") === LANDMARK);
    expect(landmark?.attrs["xml:lang"]).toBe("de-ch");
    const terms = landmark?.getChildren("category", ATOM_NS).map(({ attrs }) => attrs["term"]);
    expect(terms?.map((term) => String(term).toLowerCase()).toSorted()).toEqual(["zürich", "طيور"].toSorted());
    const rich = entries.find((entry) => childText(entry, "id") === formatted);
    expect(rich?.getChildren("content", ATOM_NS).map(({ attrs }) => attrs["type"])).toEqual(["xhtml"]);
    expect(rich?.getChild("content", ATOM_NS)?.toString()).not.toMatch(/script|onclick/);
  });

  it("says what was deleted (RFC 6721), and when", async () => {
    const { feed } = await read(`${hub.base}alice/feed.atom`);
    const gone = feed.getChildren("deleted-entry", TOMBSTONES_NS).map(({ attrs }) => attrs["ref"]);
    expect(gone).toEqual([deleted]);
  });

  it("is valid when there is nothing in it, too", async () => {
    await hub.account("quiet");
    const { xml, entries } = await read(`${hub.base}quiet/feed.atom`);
    expect(entries).toEqual([]);
    expect(await complaintsOf(xml)).toBe("");
  });
});

/** What jing has against a feed; empty when it is valid. */
async function complaintsOf(xml: string): Promise<string> {
  const jing = must(await findService("jing"));
  const folder = await mkdtemp(join(tmpdir(), "sterna-feed-"));
  try {
    const file = join(folder, "feed.xml");
    await writeFile(file, xml);
    const child = spawn(jing.command, [...jing.parameters, "-c", GRAMMAR, file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], ...jing.env },
    });
    const [stdout, , [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    if (code !== 0 && stdout === "") throw new Error(`jing ended with ${code} and said nothing.`);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A post with formatted text, as an export of elsewhere has it. */
async function importPost(hub: HubProcess, author: TestAccount, iri: string): Promise<void> {
  const turtle = `<${iri}> a <http://rdfs.org/sioc/types#MicroblogPost> ;
    <http://rdfs.org/sioc/ns#content> "Formatted" ;
    <http://purl.org/rss/1.0/modules/content/encoded> "<p onclick='x()'>For<b>matted</b> &amp; <script>x()</script>&#228;</p>" ;
    <http://rdfs.org/sioc/ns#has_creator> <${author.iri}> ;
    <http://rdfs.org/sioc/ns#has_container> <${hub.base}${author.name}/posts> ;
    <http://purl.org/dc/terms/created> "2026-05-01T06:20:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .`;
  const response = await fetch(`${hub.base}api/import`, {
    method: "POST",
    headers: { authorization: `Bearer ${await hub.ownerToken()}`, "content-type": "text/turtle" },
    body: turtle,
  });
  const report = await response.text();
  if (!report.includes('"stored":1')) throw new Error(`The formatted post was not taken: ${report}`);
}

function linkOf(feed: XmlElement | undefined, rel: string): string | undefined {
  return feed?.getChildren("link", ATOM_NS).find(({ attrs }) => attrs["rel"] === rel)?.attrs["href"];
}

function childText(element: XmlElement, name: string): string {
  return element.getChild(name, ATOM_NS)?.getText() ?? "";
}

function must<T>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Error(value.message);
  return value;
}
