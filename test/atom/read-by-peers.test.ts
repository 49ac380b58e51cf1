import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EntryAuthor, postToEntry, titleOf } from "../../src/atom/post-entry.ts";
import { entryToXml, parseXml } from "../../src/atom/xml.ts";
import type { AccountName } from "../../src/core/account.ts";
import { accountIris, postIri } from "../../src/core/hub-iris.ts";
import { instantOf } from "../../src/core/instant.ts";
import { type ItemId, mintItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { composeEdit, composePost } from "../../src/core/posts/compose.ts";
import type { Draft } from "../../src/core/posts/draft.ts";
import type { Post } from "../../src/core/posts/post.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { readAsLibervia } from "../support/libervia-reader.ts";
import { readAsMovim } from "../support/movim-reader.ts";

const BASE = "https://hub.example/" as Iri;
const JID = "alice@hub.example" as BareJid;
const NODE = "urn:xmpp:microblog:0";
const ID = mintItemId(instantOf(Date.UTC(2026, 5, 1)), 7);
const IRI = postIri(BASE, "alice" as AccountName, ID);
const NOW = new Date(Date.UTC(2026, 5, 2));
const REPLIED = { jid: "carol@yonder.example" as BareJid, node: NODE, id: "23nu3kwbjc222" as ItemId };
const REPLIED_IRI = "https://yonder.example/carol/posts/23nu3kwbjc222" as Iri;

const context = {
  iri: IRI,
  author: accountIris(BASE, "alice" as AccountName),
  base: BASE,
  now: instantOf(Date.UTC(2026, 5, 1)),
  characters_max: 5_000,
  resolveMention: (name: string) => (name === "bob" ? (`${BASE}bob#account` as Iri) : undefined),
};

const words = fc.constantFrom(
  "tern",
  "#Sea",
  "#Möwe",
  "#鳥",
  "@bob",
  "https://example.org/a?b=c&d=e",
  "<b>",
  "a&b",
  "♥",
  "\u00a0",
);
const text = fc
  .oneof(
    fc.array(words, { minLength: 1, maxLength: 60 }).map((each) => each.join(" ")),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 400 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 50 }),
    fc.array(fc.lorem({ maxCount: 12 }), { minLength: 1, maxLength: 8 }).map((lines) => lines.join("\n\n")),
  )
  .map((each) => `${each}`);
const attachments = fc.array(
  fc.record(
    {
      iri: fc.webUrl().map((url) => encodeURI(url) as Iri),
      format: fc.constantFrom("image/png", "video/mp4", "application/pdf"),
      size_bytes: fc.nat(),
      description: fc.string({ minLength: 1, maxLength: 20 }).filter((each) => /^[ -~]+$/.test(each)),
    },
    { requiredKeys: ["iri", "format"] },
  ),
  { maxLength: 3 },
);
const draft: fc.Arbitrary<Draft> = fc.record(
  {
    text,
    language: fc.constantFrom("en", "pt-BR", "ja"),
    replyOf: fc.constant(REPLIED_IRI),
    xhtml: fc.constantFrom(
      "<p>a <b>b</b> &amp; <a href='https://x/?a&amp;b'>c</a></p>",
      "<div><p>one</p><ul><li>two</li></ul></div>",
    ),
    attachments,
    place: fc.record({ lat: fc.integer({ min: -90, max: 90 }), long: fc.integer({ min: -180, max: 180 }) }),
  },
  { requiredKeys: ["text"] },
);

/** The item as it is pushed. */
function itemOf(post: Post) {
  const author: EntryAuthor = {
    name: "Alice",
    jid: JID,
    node: NODE,
    id: ID,
    turtle: '<> <http://rdfs.org/sioc/ns#content> "…" .',
    ...(post.replyOf === undefined ? {} : { replyTo: REPLIED }),
  };
  const entry = entryToXml(postToEntry(post, author));
  const item = parseXml(
    `<item xmlns="http://jabber.org/protocol/pubsub#event" id="${ID}" publisher="${JID}">${entry}</item>`,
  );
  if (isRefusal(item)) throw new Error(item.message);
  return item;
}

/** White space as a page shows it. */
const flat = (shown: string): string => shown.replace(/\s+/g, " ").trim();

/** Runs a law over every post that can be composed, as it is and after an edit. */
function forEveryPost(law: (post: Post, drafted: Draft) => void): void {
  let composed = 0;
  fc.assert(
    fc.property(draft, fc.boolean(), (drafted, edited) => {
      const post = composePost(drafted, context);
      if (isRefusal(post)) return;
      composed++;
      const later = { ...context, now: instantOf(Date.UTC(2026, 5, 1, 1)), previousVersion: `${IRI}?version=1` as Iri };
      const after = edited ? composeEdit(drafted, post, later) : post;
      if (isRefusal(after)) throw new Error(after.message);
      law(after, drafted);
    }),
    { numRuns: 300 },
  );
  expect(composed).toBeGreaterThan(100);
}

describe("every post that can be composed", () => {
  it("is read by Movim as what it is", () => {
    forEveryPost((post, drafted) => {
      const read = readAsMovim(itemOf(post), JID, NODE, NOW);
      if (typeof read === "string") throw new Error(`Movim drops it: ${read}`);
      const title = titleOf(post.text);
      expect(read).toMatchObject({
        id: ID,
        title: title.trim(),
        author: JID,
        authorName: "Alice",
        published_ms: Date.parse(post.created),
        updated_ms: Date.parse(post.modified ?? post.created),
        open: true,
        comments: { server: JID, id: ID },
        tags: post.topics.map(({ label }) => label),
      });
      const place = { server: REPLIED.jid, node: REPLIED.node, id: REPLIED.id };
      expect(read.reply).toEqual(post.replyOf === undefined ? undefined : place);
      expect(read.files).toHaveLength(post.attachments?.length ?? 0);
      if (drafted.xhtml !== undefined) expect(read.shown).not.toBe("");
      else if (title === post.text) expect(read.shown).toBe("");
      // It takes text that looks like markup for markup.
      else if (!/[<&]/.test(post.text)) expect(flat(read.shown)).toBe(flat(post.text));
    });
  });

  it("is read by Libervia as what it is", () => {
    forEveryPost((post, drafted) => {
      const read = readAsLibervia(itemOf(post));
      if (typeof read === "string") throw new Error(`Libervia drops it: ${read}`);
      expect(read).toMatchObject({
        id: ID,
        atomId: post.iri,
        title: titleOf(post.text),
        content: post.text,
        author: "Alice",
        authorJid: JID,
        authorVerified: true,
        published_ms: Date.parse(post.created),
        updated_ms: Date.parse(post.modified ?? post.created),
        tags: post.topics.map(({ label }) => label),
        comments: [{ service: JID, node: `${NODE}:comments/${ID}` }],
      });
      expect(read.language).toBe(drafted.language?.toLowerCase());
      if (drafted.xhtml !== undefined) expect(read.contentXhtml).toMatch(/<b>|<li>/);
    });
  });
});

describe("the readers", () => {
  const item = (inner: string, publisher = JID) => {
    const xml = `<item xmlns="http://jabber.org/protocol/pubsub#event" id="abcdef" publisher="${publisher}">${inner}</item>`;
    const parsed = parseXml(xml);
    if (isRefusal(parsed)) throw new Error(parsed.message);
    return parsed;
  };
  const entry = (inner: string) => item(`<entry xmlns="http://www.w3.org/2005/Atom">${inner}</entry>`);
  const movim = (element: ReturnType<typeof item>) => readAsMovim(element, JID, NODE, NOW);
  const UPDATED = "<updated>2026-06-01T00:00:00Z</updated>";

  it("drop what their programs drop", () => {
    expect(movim(entry(UPDATED))).toBe("no title");
    expect(movim(entry("<title>x</title>"))).toBe("no updated");
    expect(movim(entry("<title>x</title><updated>2026-04-01T00:00:00Z</updated>"))).toBe("too old");
    expect(movim(item(`<a:entry xmlns:a="http://www.w3.org/2005/Atom"/>`))).toBe("no entry");
    expect(readAsLibervia(entry(UPDATED))).toBe("no title");
    expect(readAsLibervia(entry("<title>x</title>"))).toBe("no updated");
    expect(readAsLibervia(entry(`<title>x</title><title>y</title>${UPDATED}`))).toBe("title is there twice");
    expect(readAsLibervia(entry(`<title>x</title>${UPDATED}<content type="xhtml"><p/></content>`))).toContain("div");
  });

  it("believe an author only who is the publisher", () => {
    const by = `<title>x</title>${UPDATED}<author><name>Mallory</name><uri>xmpp:mallory@evil.example</uri></author>`;
    expect(movim(entry(by))).toMatchObject({ author: JID });
    expect(movim(entry(by))).not.toHaveProperty("authorName");
    expect(readAsLibervia(entry(by))).toMatchObject({ authorVerified: false });
  });
});
