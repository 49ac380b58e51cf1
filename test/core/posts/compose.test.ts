import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountName } from "../../../src/core/account.ts";
import { accountIris } from "../../../src/core/hub-iris.ts";
import { instantOf } from "../../../src/core/instant.ts";
import { type ComposeContext, composeEdit, composePost } from "../../../src/core/posts/compose.ts";
import type { Draft } from "../../../src/core/posts/draft.ts";
import { type Post, postFromQuads, postToQuads } from "../../../src/core/posts/post.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";

const base = "https://hub.example/" as Iri;
const author = accountIris(base, "alice" as AccountName);
const context: ComposeContext = {
  iri: `${author.container}/3k2abc` as Iri,
  author,
  base,
  now: instantOf(1_000),
  characters_max: 5_000,
  resolveMention: (name, domain) =>
    name === "bob" ? (`https://${domain ?? "hub.example"}/bob#account` as Iri) : undefined,
};

function composed(draft: Draft, more: Partial<ComposeContext> = {}): Post {
  const post = composePost(draft, { ...context, ...more });
  if (isRefusal(post)) throw new Error(post.message);
  return post;
}

describe("composing a post", () => {
  it("finds topics, mentions and links", () => {
    const post = composed({ text: "Hi @bob@far.example and @nobody: #Birds #birds https://a.example/ #Café" });
    expect(post.topics).toEqual([
      { iri: "https://hub.example/tags/birds", label: "birds" },
      { iri: "https://hub.example/tags/caf%C3%A9", label: "café" },
    ]);
    expect(post.addressedTo).toEqual(["https://far.example/bob#account"]);
    expect(post.links).toEqual(["https://a.example/"]);
  });

  it("keeps the text as typed, but for line ends", () => {
    expect(composed({ text: "\r\nOne\r\n  two  \rthree \n\n" }).text).toBe("One\n  two  \nthree");
  });

  it("takes the draft's language before the account's", () => {
    expect(composed({ text: "x", language: "pt-BR" }, { language: "en" }).language).toBe("pt-br");
    expect(composed({ text: "x" }, { language: "en" }).language).toBe("en");
    expect(composed({ text: "x" }).language).toBeUndefined();
  });

  it("addresses whoever is answered, but not oneself", () => {
    const replyOf = "https://far.example/p/1" as Iri;
    expect(composed({ text: "x", replyOf }, { repliedAuthor: "https://far.example/#a" as Iri }).addressedTo).toEqual([
      "https://far.example/#a",
    ]);
    expect(composed({ text: "x", replyOf }, { repliedAuthor: author.account }).addressedTo).toEqual([]);
  });

  it("counts characters, not code units", () => {
    expect(composed({ text: "🐦".repeat(10) }, { characters_max: 10 }).text).toHaveLength(20);
    expect(composePost({ text: "🐦".repeat(11) }, { ...context, characters_max: 10 })).toMatchObject({
      code: "too-large",
      detail: { characters: 11, characters_max: 10 },
    });
  });

  it.each([
    ["is empty", ""],
    ["is white space", " \n\t "],
    ["has a NUL", "a\u0000b"],
    ["has an escape character", "a\u001b[31mb"],
    ["has half a character", "a\ud83d"],
  ])("refuses a text that %s, saying what to do", (_, text) => {
    expect(composePost({ text }, context)).toMatchObject({ kind: "refusal", code: "invalid" });
  });

  it("refuses a language that is none", () => {
    expect(composePost({ text: "x", language: "English, please" }, context)).toMatchObject({ code: "invalid" });
  });

  it("gives quads that read back as the same post", () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: "grapheme", minLength: 1, maxLength: 80 })
          .filter((text) => !isRefusal(composePost({ text }, context))),
        fc.option(fc.constantFrom("en", "he", "ja"), { nil: undefined }),
        (text, language) => {
          const post = composed({
            text: `${text} #a @bob https://a.example/b`,
            ...(language === undefined ? {} : { language }),
          });
          expect(postFromQuads(postToQuads(post), post.iri)).toEqual(post);
        },
      ),
    );
  });
});

describe("composing an edit", () => {
  it("keeps what an edit cannot change", () => {
    const before = composed(
      { text: "Befor", language: "en", replyOf: "urn:x" as Iri },
      { previousByDate: "urn:prev" as Iri },
    );
    const after = composeEdit({ text: "After #new" }, before, {
      ...context,
      now: instantOf(9_000),
      previousVersion: "urn:v1" as Iri,
    });
    expect(after).toMatchObject({
      iri: before.iri,
      text: "After #new",
      language: "en",
      created: before.created,
      modified: instantOf(9_000),
      previousVersion: "urn:v1",
      previousByDate: "urn:prev",
      replyOf: "urn:x",
      topics: [{ label: "new" }],
    });
  });

  it("keeps what the post goes with on the web, but not what only its old words named", () => {
    const related = "https://birds.example/terns" as Iri;
    const before = composed({ text: "See https://old.example/ #birds", links: [related] });
    const edit = (draft: Draft) => composeEdit(draft, before, { ...context, previousVersion: "urn:v1" as Iri });
    expect(edit({ text: "See https://new.example/" })).toMatchObject({ links: ["https://new.example/", related] });
    expect(edit({ text: "See nothing", links: [] })).toMatchObject({ links: [] });
  });
});
