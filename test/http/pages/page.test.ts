import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attachment } from "../../../src/core/posts/post.ts";
import { hrefOf } from "../../../src/http/pages/page-scope.ts";
import { renderPage, renderProblem, renderQueryForm, renderTimeline } from "../../../src/http/pages/render.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { accountPage, BASE, contextOf, postPage, viewOf } from "./fixtures.ts";

const context = contextOf();

describe("a link", () => {
  it.each([
    [`${BASE}alice`, "/alice"],
    [BASE, "/"],
    ["https://other.example/", "https://other.example/"],
    ["xmpp:alice@hub.example", "xmpp:alice@hub.example"],
    ["javascript:alert(1)", undefined],
    ["data:text/html,x", undefined],
    ["mailto:alice@hub.example", undefined],
    ["urn:x:y", undefined],
  ])("to %s goes to %s", (iri, href) => {
    expect(hrefOf(context, iri)).toBe(href);
  });

  it.each(["/", "\\", "\t/", "\n/", "/\t/", "\r\\"])(
    "below the base with %j at its beginning stays on the hub",
    (start) => {
      const href = hrefOf(context, `${BASE}${start}evil.example/`) ?? "";
      expect(new URL(href, `${BASE}alice`).host).toBe("hub.example");
    },
  );

  it("below the base goes to the very host and path of its IRI, whatever stands there", () => {
    const part = fc.constantFrom("/", "\\", "\t", ".", "..", "@", ":", "?", "#", "evil.example", "%2F", " ");
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const iri = BASE + parts.join("");
        expect(new URL(hrefOf(context, iri) ?? "", `${BASE}alice`).host).toBe(new URL(iri).host);
      }),
    );
  });
});

describe("a page of a list", () => {
  const turns = (path: string): readonly string[] => {
    const page = renderPage({ ...accountPage([viewOf()]), older: "2026 x/1", newer: "2027" }, contextOf(path));
    const [nav = ""] = /<nav class="turn".*?<\/nav>/s.exec(page) ?? [];
    return [...nav.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
  };

  it("leads to pages as long as itself", () => {
    const queries = turns("alice?limit=5&before=z").map((href) => [...new URL(href, BASE).searchParams]);
    expect(queries).toEqual([
      [
        ["after", "2027"],
        ["limit", "5"],
      ],
      [
        ["before", "2026 x/1"],
        ["limit", "5"],
      ],
    ]);
  });

  it("asks for no length where none was asked for", () => {
    expect(turns("alice")).toEqual(["/alice?after=2027", "/alice?before=2026+x%2F1"]);
  });
});

describe("the language of a text", () => {
  const saidIn = (page: string): string => /(<div[^>]*>)*<div class="said[^>]*>/s.exec(page)?.[0] ?? "";

  it("stands in a timeline, which says nothing as RDFa", () => {
    const page = renderTimeline({ posts: [viewOf({ text: "مرحبا", language: "ar" })] }, contextOf("alice/timeline"));
    expect(saidIn(page)).toContain(' lang="ar"');
  });

  it.each([
    ["plain", {}],
    ["formatted", { xhtml: "<p>Ahoj</p>" }],
  ])("is not that of the page when a %s text has none", (_, post) => {
    expect(saidIn(renderTimeline({ posts: [viewOf(post)] }, context))).toContain(' lang=""');
    expect(saidIn(renderPage(postPage(viewOf(post)), context))).toContain(' lang=""');
  });

  it("changes within formatted text as it says", () => {
    const xhtml = `<p>Look: <b lang="ar" dir="rtl">مرحبا</b> <a lang="fr" href="https://x.example/">ici</a></p>`;
    const page = renderPage(postPage(viewOf({ xhtml })), context);
    expect(page).toContain('<b lang="ar" dir="rtl">');
    expect(page).toMatch(/<a href="https:\/\/x\.example\/" REL="nofollow noopener ugc" lang="fr">/);
  });
});

describe("each page", () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;
  const pages: readonly (readonly [string, string])[] = [
    [
      "post",
      renderPage(postPage(viewOf({ text: evil, language: evil, xhtml: evil }, { name: evil, jid: evil })), context),
    ],
    ["account", renderPage(accountPage([viewOf({ text: evil })]), context)],
    ["timeline", renderTimeline({ posts: [viewOf({ text: evil })] }, { ...context, title: evil })],
    ["problem", renderProblem({ status: 404, title: evil, detail: evil } as never, { ...context, title: evil })],
    [
      "tag",
      renderPage({ ...postPage(viewOf()), kind: "tag", subject: `${BASE}tags/x` as Iri, title: `#${evil}` }, context),
    ],
  ];

  it.each(pages)("of a %s holds no script and no handler", (_, page) => {
    const tags = (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""')).join("\n");
    expect(page).toContain("&lt;script&gt;alert(1)");
    expect(tags).not.toMatch(/<script|\son\w+=|style=/i);
  });

  it.each(pages)("of a %s has its landmarks, one first heading and a way past the navigation", (_, page) => {
    for (const part of ["<h1", '<main id="content"', '<header class="band"', '<nav aria-label="Hub"', "<footer"]) {
      expect(page.split(part).length - 1).toBe(1);
    }
    expect(page).toContain('<a class="skip" href="#content">');
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en"/);
  });
});

describe("the query form", () => {
  const problem = { title: "Malformed", status: 400, detail: "Expected a query." } as never;
  const asked = (query: string, format = ""): string =>
    renderProblem(problem, contextOf(`sparql?${new URLSearchParams({ query, format }).toString()}`));

  it("keeps what was typed, and the format chosen, when there is no answer", () => {
    const page = asked("SELECT * {\n  ?s ?p <x> &", "csv");
    expect(page).toContain(">\nSELECT * {\n  ?s ?p &lt;x&gt; &amp;</textarea>");
    expect(page.match(/<option [^>]*selected[^>]*>/g)).toEqual(['<option value="csv" selected="selected">']);
    expect(page).toContain("Expected a query.");
  });

  it("keeps a query that was left empty or is none", () => {
    expect(asked("")).toContain(">\n</textarea>");
    expect(asked("</textarea><script>")).not.toContain("<script>");
  });

  it("stands on no other page that tells of a problem", () => {
    for (const path of ["alice?query=x", "sparql", "sparqling?query=x", "sparql?format=csv"]) {
      expect(renderProblem(problem, contextOf(path))).not.toContain("<form");
    }
  });

  it("begins with an example, to be answered as a page", () => {
    const page = renderQueryForm(contextOf("sparql"), []);
    expect(page).toContain("SELECT");
    expect(page.match(/<option [^>]*selected[^>]*>/g)).toEqual(['<option value="" selected="selected">']);
  });
});

describe("a post's card", () => {
  it("says what it passes on, and how many like it", () => {
    const repostOf = "xmpp:dave@x.example?;node=urn:xmpp:microblog:0;item=abcdef" as Iri;
    const page = renderPage(postPage({ ...viewOf({ repostOf }), likes: 2 }), context);
    expect(page).toMatch(/Reposted .*href="xmpp:dave@x\.example\?;node=urn:xmpp:microblog:0;item=abcdef"/);
    expect(page).toContain("<li>2 likes</li>");
  });

  it("shows a post within another: what is passed on in the place of its copy, what is quoted below", () => {
    const inner = viewOf({ text: "Terns <b>!" }, { name: "Dave" });
    const original = { kind: "here", iri: inner.iri, view: inner } as const;
    const repost = renderPage(
      postPage({ ...viewOf({ repostOf: inner.iri, text: "copy" }), original, reposts: 3 }),
      context,
    );
    expect(repost).toMatch(/Reposted (?:<[^>]*>)*Dave/);
    expect(repost).toContain("Terns &lt;b&gt;!");
    expect(repost).not.toMatch(/class="said"[^>]*>copy/);
    expect(repost).toContain("<li>3 reposts</li>");
    const quote = renderPage(postPage({ ...viewOf({ quoteOf: inner.iri, text: "Mine" }), original }), context);
    expect(quote).toMatch(/Mine[\s\S]*Quotes[\s\S]*<blockquote[\s\S]*Terns/);
    const gone = { kind: "deleted", iri: inner.iri } as const;
    expect(renderPage(postPage({ ...viewOf({ quoteOf: inner.iri }), original: gone }), context)).toContain(
      "was deleted",
    );
  });
});

describe("the files of a post", () => {
  const file = (name: string, format: string) => ({ iri: `https://files.example/${name}` as Iri, format });
  const page = (attachments: readonly Attachment[]) => renderPage(postPage(viewOf({ attachments })), contextOf());

  it("are pictures with what they show for who cannot see them, asked for late and without a referrer", () => {
    const shown = page([{ ...file("tern.png", "image/png"), description: 'A "tern"' }]);
    expect(shown).toContain(
      '<img src="https://files.example/tern.png" alt="A &quot;tern&quot;" loading="lazy" decoding="async" referrerpolicy="no-referrer" />',
    );
  });

  it("are links with name, type and size where they are no pictures that browsers show", () => {
    const shown = page([
      { ...file("song.ogg", "audio/ogg"), size_bytes: 1_250_000, description: "Its song" },
      file("drawing.svg", "image/svg+xml"),
    ]);
    expect(shown).not.toContain("<img");
    expect(shown.replace(/<[^>]*>/g, "")).toMatch(/Its song audio\/ogg · 1\.3 MB.*drawing\.svg image\/svg\+xml/s);
  });

  it("have no script and no more than four pictures", () => {
    const bad = { iri: 'javascript:alert("x")' as Iri, format: "image/png" };
    const shown = page([bad, ...Array.from({ length: 6 }, (_, at) => file(`${at}.png`, "image/png"))]);
    expect(shown.match(/<img src="https:\/\/files/g)).toHaveLength(4);
    expect(shown).not.toMatch(/(?:src|href)="javascript/);
  });
});

it("shows where a post was written as a link that maps open", () => {
  const page = renderPage(postPage(viewOf({ place: { lat: 60.1699, long: -24.9384 } })), contextOf());
  expect(page).toContain('href="geo:60.1699,-24.9384"');
  const named = renderPage(postPage(viewOf({ place: { name: "The lake" } })), contextOf());
  expect(named).toContain(">The lake</bdi>");
  expect(named).not.toContain('href="geo:');
});
