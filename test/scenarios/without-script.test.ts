import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findService } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { describeNeeding } from "../support/needing.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";

/** What a visit brought with it besides the page. */
interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** What the browser's console said. */
  readonly complaints: readonly string[];
  /** Addresses asked for that are not the hub's. */
  readonly elsewhere: readonly string[];
}

await describeNeeding(["chromium"], "pages in a browser without script", () => {
  let hub: HubProcess;
  let alice: TestAccount;
  let browser: Browser;
  const posts: string[] = [];

  beforeAll(async () => {
    hub = await HubProcess.start();
    alice = await hub.account("alice", { displayName: "Alice" });
    for (let n = 0; n < 25; n++) posts.push(await alice.post(`Post number ${n}`));
    const long = `https://elsewhere.example/${"very-long-path/".repeat(30)}picture.png`;
    posts.push(await alice.post(`${"Wordwithoutanyspace".repeat(20)} ${long} <img src=${long}> #terns`));
    posts.push(await alice.post("An answer", { replyTo: posts.at(-1) }));
    const program = await findService("chromium");
    if (isRefusal(program)) throw new Error(program.message);
    browser = await chromium.launch({
      executablePath: program.command,
      args: [...program.parameters, "--no-sandbox"],
      timeout: PATIENCE_MS,
      env: { PATH: process.env["PATH"] ?? "", HOME: hub.folder, ...program.env },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.[Symbol.asyncDispose]();
  });

  const visit = async (path: string, width: number): Promise<Visit> => {
    const context: BrowserContext = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width, height: 800 },
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    const elsewhere: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(hub.base)) elsewhere.push(request.url());
    });
    await page.goto(new URL(path, hub.base).href);
    return { page, complaints, elsewhere, [Symbol.asyncDispose]: () => context.close() };
  };
  const addresses = async (page: Page): Promise<readonly string[]> => {
    const hrefs = await page
      .locator(`a[href*="/alice/posts/"]`)
      .evaluateAll((all) => all.map((each) => (each as unknown as { readonly href: string }).href));
    return [...new Set(hrefs.map((href) => href.replace(/[?#].*$/, "")))];
  };

  it.each([
    ["hub", 360],
    ["hub", 1_280],
    ["account", 360],
    ["account", 1_280],
    ["post", 360],
    ["post", 1_280],
  ])("show the %s at %i px whole, quietly, and with nothing of elsewhere", async (kind, width) => {
    const path = { hub: "", account: "alice", post: posts.at(-2) ?? "" }[kind] ?? "";
    await using visited = await visit(path, width);
    const { page, complaints, elsewhere } = visited;
    await page.waitForLoadState("networkidle");
    const box = await page.locator("html").evaluate((html) => {
      const { scrollWidth, clientWidth } = html as unknown as Record<"scrollWidth" | "clientWidth", number>;
      return { scrollWidth, clientWidth };
    });
    expect(box.clientWidth).toBeLessThanOrEqual(width);
    expect(box.scrollWidth).toBeLessThanOrEqual(box.clientWidth);
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
    expect(await page.locator("main").innerText()).toMatch(/Alice/);
    // The stylesheet came, and there is no script that could be missed.
    expect(await page.locator("link[rel=stylesheet]").count()).toBe(1);
    expect(await page.locator("script").count()).toBe(0);
  });

  it("lead from the newest posts to the oldest and back by their links", async () => {
    await using visited = await visit("alice", 360);
    const { page, complaints, elsewhere } = visited;
    const first = await addresses(page);
    await page.getByRole("link", { name: "Older" }).click();
    await page.waitForLoadState();
    const second = await addresses(page);
    expect([...first, ...second].filter((iri) => posts.includes(iri)).length).toBe(posts.length);
    expect(await page.getByRole("link", { name: "Older" }).count()).toBe(0);
    await page.getByRole("link", { name: "Newer" }).click();
    await page.waitForLoadState();
    expect(await addresses(page)).toEqual(first);
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
  });

  it("lead from a post to what it answers, its author and its tag", async () => {
    await using visited = await visit(posts.at(-1) ?? "", 1_280);
    const { page } = visited;
    expect(await addresses(page)).toContain(posts.at(-2));
    await page.goto(posts.at(-2) ?? "");
    await page.getByRole("link", { name: "#terns" }).first().click();
    await page.waitForURL(`${hub.base}tags/terns`);
    expect(await addresses(page)).toContain(posts.at(-2));
    await page.getByRole("link", { name: "Alice" }).first().click();
    await page.waitForURL(`${hub.base}alice`);
    expect(await page.title()).toContain("Alice");
  });
});
