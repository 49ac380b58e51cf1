import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findService } from "../../scripts/services.ts";
import { deletePost } from "../../src/hub/posts/delete-post.ts";
import { publishPost } from "../../src/hub/posts/publish-post.ts";
import { addWatch } from "../../src/hub/watches/manage-watches.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { must, openSampleHub, type SampleHub } from "../http/sample-hub.ts";
import { freePort } from "../support/free-port.ts";
import { describeNeeding } from "../support/needing.ts";
import { PATIENCE_MS } from "../support/patience.ts";

await describeNeeding(["chromium"], "pages in a browser", () => {
  let sample: SampleHub;
  let browser: Browser;
  let quote: string;
  beforeAll(async () => {
    const port = await freePort();
    sample = await openSampleHub({ STERNA_PORT: String(port), STERNA_BASE: `http://127.0.0.1:${port}/` });
    const who =
      "SELECT ?creator ?topic WHERE { ?p <http://rdfs.org/sioc/ns#topic> ?topic ; <http://rdfs.org/sioc/ns#has_creator> ?creator }";
    for (const wish of [
      { name: "terns", of: "topic", about: "#terns" },
      { name: "who", query: who },
    ]) {
      must(await addWatch(sample.hub.ports, sample.alice, "alice", { ...wish, isPublic: true }));
    }
    const { ports } = sample.hub;
    const inner = { text: "Go and see them!", quoteOf: sample.posts.plain.iri };
    const { iri: quoteOf } = must(await publishPost(ports, sample.bob, "bob", inner));
    const picture = { iri: `${sample.base}favicon.svg` as Iri, format: "image/svg+xml", description: "A tern, diving" };
    const outer = {
      text: "Said so.",
      quoteOf,
      attachments: [picture],
      place: { name: "The lake", lat: 47.7, long: 9 },
    };
    quote = must(await publishPost(ports, sample.alice, "alice", outer)).iri;
    const { command, parameters, env } = must(await findService("chromium"));
    browser = await chromium.launch({
      executablePath: command,
      args: [...parameters, "--no-sandbox"],
      timeout: PATIENCE_MS,
      env: { ...process.env, ...env },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await sample?.[Symbol.asyncDispose]();
  });

  const pages: readonly (readonly [string, () => string])[] = [
    ["hub", () => ""],
    ["account", () => "alice"],
    ["container", () => "alice/posts?limit=2"],
    ["post", () => sample.posts.plain.iri.slice(sample.base.length)],
    ["post with long words", () => sample.posts.tricky.iri.slice(sample.base.length)],
    ["post with quotes, a file and a place", () => quote.slice(sample.base.length)],
    ["tags", () => "tags"],
    ["tag", () => "tags/terns"],
    ["followers", () => "alice/followers"],
    ["standing queries", () => "alice/watches"],
    ["standing query about posts", () => "alice/watches/terns"],
    ["standing query of rows", () => "alice/watches/who"],
    ["query", () => "sparql"],
    ["answer", () => `sparql?query=${encodeURIComponent("SELECT * { ?s ?p ?o } LIMIT 20")}`],
    ["vocabulary", () => "vocabulary"],
    ["missing", () => "nobody"],
    ["private", () => "alice/timeline"],
  ];

  // A page's width says nothing of its colours, nor they of it: each once.
  it.each([
    [360, "light"],
    [1_280, "dark"],
  ] as const)("fit %i px and can be read by everybody, %s", async (width, colorScheme) => {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      // For the checker's own script.
      bypassCSP: true,
    });
    const problems: string[] = [];
    for (const [name, path] of pages) {
      const page = await context.newPage();
      await page.goto(sample.base + path());
      await page.locator("details summary").evaluateAll((all) => {
        for (const each of all) (each as { click(): void }).click();
      });
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      if (wide > width) problems.push(`${name}: ${wide} px wide`);
      problems.push(...(await violationsOf(page)).map((violation) => `${name}: ${violation}`));
      await page.close();
    }
    await context.close();
    expect(problems).toEqual([]);
  });

  it("mark each post within another by one bar", async () => {
    const page = await browser.newPage();
    await page.goto(quote);
    const bars = await page.evaluate<number>(
      "(() => { let bars = 0; for (let at = document.querySelector('blockquote blockquote .said'); at !== null; at = at.parentElement) if (getComputedStyle(at).borderInlineStartWidth === '3px') bars++; return bars; })()",
    );
    expect(bars).toBe(2);
    await page.close();
  });

  it("need nothing that their Content-Security-Policy forbids", async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(`${sample.base}alice`);
    expect(await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")).not.toBe("none");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("keep a standing query's answers up to date, and need no script to show them", async () => {
    const complaints: string[] = [];
    const page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(`${sample.base}alice/watches/terns`);
    const cards = page.locator("#live article");
    const before = await cards.count();
    expect(before).toBeGreaterThan(0);
    const published = must(
      await publishPost(sample.hub.ports, sample.alice, "alice", { text: "Come and see, they hover! #terns" }),
    );
    await page.getByText("they hover!").waitFor();
    expect(await cards.first().innerText()).toContain("they hover!");
    expect(await page.getByRole("status").textContent()).toContain("changed");
    // Whoever stands in a post is not moved; what changes comes when they leave it.
    await cards.first().getByRole("link").first().focus();
    must(await deletePost(sample.hub.ports, sample.alice, published.iri));
    await page.getByRole("link", { name: "Tags", exact: true }).focus();
    await page.getByText("they hover!").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await page.close();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${sample.base}alice/watches/terns`);
    expect(await plain.locator("#live article").count()).toBe(before);
    await context.close();
  });

  it("answer a query that is typed into the form", async () => {
    const page = await browser.newPage();
    await page.goto(`${sample.base}sparql`);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("region", { name: "Answer" }).waitFor();
    expect(await page.getByRole("region", { name: "Answer" }).innerText()).toContain("Where exactly, @alice?");
    await page.close();
  });
});

/** What axe-core finds wrong, as its rule and the element. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ content: axe.source });
  return await page.evaluate<string[]>(
    "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 120)}`)))",
  );
}
