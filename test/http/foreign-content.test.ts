import { describe, expect, it } from "vitest";
import type { Instant } from "../../src/core/instant.ts";
import type { Post } from "../../src/core/posts/post.ts";
import { postToQuads } from "../../src/core/posts/post.ts";
import { type PageContext, renderPage } from "../../src/http/pages/render.ts";
import type { Description } from "../../src/hub/pages/description.ts";
import type { PostView } from "../../src/hub/posts/post-view.ts";
import type { Iri } from "../../src/rdf/iri.ts";

const base = "https://hub.example/" as Iri;
const context: PageContext = {
  base,
  title: "Hub",
  path: "elsewhere",
  alternates: [],
  xmpp: { kind: "off", reason: "in this test" },
  domain: "hub.example",
};

/** The page of a post that somebody else wrote. */
function pageOf(post: Partial<Post>, creator: Partial<PostView["creator"]> = {}): string {
  const whole: Post = {
    iri: "https://evil.example/posts/1" as Iri,
    creator: "https://evil.example/#account" as Iri,
    text: "text",
    created: "2026-11-21T06:00:00.000Z" as Instant,
    addressedTo: [],
    topics: [],
    links: [],
    ...post,
  };
  const view: PostView = {
    iri: whole.iri,
    post: whole,
    version: 1,
    replies: 0,
    likes: 0,
    creator: { iri: whole.creator, name: "Mallory", profile: whole.creator, local: false, ...creator },
  };
  const description: Description = {
    subject: whole.iri,
    kind: "post",
    title: "Post",
    quads: postToQuads(whole),
    version: "1",
    posts: [view],
    ancestors: [],
    replies: [],
  };
  return renderPage(description, context);
}

/** The tags of a page, without its text. */
const tagsOf = (page: string): string => (page.match(/<[^>]*>/g) ?? []).join("\n");

describe("a page with a post of somebody else", () => {
  it("shows markup in plain text as text", () => {
    const page = pageOf({ text: `<script>alert(1)</script><img src=x onerror="alert(1)">` });
    expect(tagsOf(page)).not.toMatch(/<script|onerror|<img/i);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  it("shows a name, a JID and a language full of quotes as text", () => {
    const evil = `"><script>alert(1)</script>`;
    const page = pageOf(
      { language: evil, topics: [{ iri: `${base}tags/x` as Iri, label: evil }] },
      {
        name: evil,
        jid: evil,
      },
    );
    expect(tagsOf(page)).not.toMatch(/<script/i);
  });

  it.each([
    ["scripts", `<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script>ok</div>`],
    ["handlers", `<p onclick="alert(1)">ok</p>`],
    ["styles", `<p style="position:fixed">ok</p><style>*{display:none}</style>`],
    ["frames and forms", `<iframe src="https://evil.example"></iframe><form action="x"><input/></form>ok`],
    ["images, which tell who reads", `<img src="https://evil.example/pixel"/>ok`],
    ["links with a script", `<a href="javascript:alert(1)">ok</a><a href=" jav&#x61;script:alert(1)">ok</a>`],
    ["statements of its own", `<span about="${base}alice#me" property="foaf:name" content="Mallory">ok</span>`],
    ["elements left open", `<b><a href="https://ok.example">ok`],
  ])("takes %s out of formatted text", (_, xhtml) => {
    const [, said = ""] = /<div class="said markup"[^>]*>(.*?)<\/div>/s.exec(pageOf({ xhtml })) ?? [];
    expect(said).toContain("ok");
    expect(tagsOf(said)).not.toMatch(
      /<(script|style|iframe|form|input|img)|onclick|style=|javascript:|about=|property=/i,
    );
    expect((said.match(/<[a-z]/g) ?? []).length).toBe((said.match(/<\/|\/>/g) ?? []).length);
  });

  it("links nowhere but to web, mail, XMPP, places and names", () => {
    const page = pageOf(
      { replyOf: "javascript:alert(1)" as Iri, previousVersion: "data:text/html,x" as Iri },
      { profile: "vbscript:x" as Iri, image: "javascript:alert(2)" as Iri },
    );
    const targets = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target = ""]) => target);
    expect(targets.length).toBeGreaterThan(5);
    for (const target of targets) expect(target).toMatch(/^(https?:|xmpp:|mailto:|geo:|urn:|\/|#)/);
  });

  it("does not vouch for links to elsewhere", () => {
    const page = pageOf({ text: "https://evil.example/spam", links: ["https://evil.example/spam" as Iri] });
    expect(page).toContain(`<a href="https://evil.example/spam" REL="nofollow noopener ugc">`);
  });
});
