import { describe, expect, it } from "vitest";
import { readRobots } from "../../src/feeds/robots.ts";
import { busyTime_ms } from "../support/busy-time.ts";

describe("a robots.txt", () => {
  it.each([
    ["", "/sparql", true],
    ["User-agent: *\nDisallow: /", "/sparql", false],
    ["User-agent: *\nDisallow:", "/sparql", true],
    ["User-agent: *\nDisallow: /\nAllow: /sparql", "/sparql", true],
    ["User-agent: *\nDisallow: /sparql\nAllow: /sparql", "/sparql", true],
    ["User-agent: other\nDisallow: /", "/sparql", true],
    ["User-agent: STERNA\nDisallow: /\n\nUser-agent: *\nAllow: /", "/sparql", false],
    ["User-agent: *\nDisallow: /\n\nUser-agent: sterna\nDisallow: /private", "/sparql", true],
    ["User-agent: a\nUser-agent: sterna\nDisallow: /sparql # all of it", "/sparql", false],
    ["User-agent: *\nDisallow: /*ql$", "/sparql", false],
    ["User-agent: *\nDisallow: /*ql$", "/sparql/graph", true],
    ["User-agent: *\r\nCrawl-delay: 3\r\nDisallow: /s*ph", "/sparql/graph", false],
  ])("%j says of %s: %s", (text, path, allowed) => {
    expect(readRobots(text, "Sterna")(path)).toBe(allowed);
  });
});

describe("the examples of RFC 9309", () => {
  it("of special signs (§2.2.3)", () => {
    const rules = (text: string) => readRobots(`User-agent: *\n${text}`, "Sterna");
    expect(rules("Disallow: / # all")("/x")).toBe(false);
    expect(rules("Disallow: *.gif$")("/a/b.gif")).toBe(false);
    expect(rules("Disallow: *.gif$")("/a/b.gif?x")).toBe(true);
    expect(rules("Disallow: /this/*/exactly")("/this/path/exactly")).toBe(false);
    expect(rules("Disallow: /path/file-with-a-%2A.html")("/path/file-with-a-*.html")).toBe(false);
    expect(rules("Disallow: /path/file-with-a-%2A.html")("/path/file-with-a-b.html")).toBe(true);
    expect(rules("Disallow: /path/foo-%24")("/path/foo-$")).toBe(false);
  });

  it.each([
    ["/foo/bar?baz=quz", "/foo/bar?baz=quz"],
    ["/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"],
    ["/foo/bar/\u30C4", "/foo/bar/%E3%83%84"],
    ["/foo/bar/%E3%83%84", "/foo/bar/\u30C4"],
    ["/foo/bar/%62%61%7A", "/foo/bar/baz"],
  ])("of what is compared (§2.2.2): %s is %s", (rule, path) => {
    expect(readRobots(`User-agent: *\nDisallow: ${rule}`, "Sterna")(path)).toBe(false);
  });

  it("of groups (§2.2.1, §5.1)", () => {
    const text = [
      "User-Agent: *",
      "Disallow: *.gif$",
      "Disallow: /example/",
      "Allow: /publications/",
      "",
      "User-Agent: foobot",
      "Disallow:/",
      "Allow:/example/page.html",
      "Allow:/example/allowed.gif",
      "",
      "User-Agent: barbot",
      "User-Agent: bazbot",
      "Disallow: /example/page.html",
      "",
      "User-Agent: quxbot",
      "",
      "EOF",
    ].join("\n");
    const may = (agent: string, path: string) => readRobots(text, agent)(path);
    expect(may("foobot", "/example/page.html")).toBe(true);
    expect(may("foobot", "/other")).toBe(false);
    expect(may("bazbot", "/example/page.html")).toBe(false);
    expect(may("bazbot", "/example/x.gif")).toBe(true);
    expect(may("quxbot", "/example/")).toBe(true);
    expect(may("Sterna", "/example/")).toBe(false);
    expect(may("Sterna", "/publications/x.gif")).toBe(true);
  });

  it("of the longest match (§5.2)", () => {
    const may = readRobots(
      "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
      "foobot",
    );
    expect(may("/example/page/disallowed.gif")).toBe(false);
    expect(may("/example/page/other.gif")).toBe(true);
  });

  it("groups that name the same agent count as one", () => {
    const may = readRobots("User-agent: sterna\nDisallow: /a\n\nUser-agent: sterna\nDisallow: /b", "Sterna");
    expect([may("/a"), may("/b"), may("/c")]).toEqual([false, false, true]);
  });
});

describe("a robots.txt that is made to be slow", () => {
  it.each([
    ["long lines of spaces", `User-agent: *\nDisallow: ${" ".repeat(500_000)}x\nDisallow: /no`],
    ["very many lines", `${"Disallow: /x\n".repeat(40_000)}User-agent: *\nDisallow: /no`],
    ["very many rules", `User-agent: *\nDisallow: /no\n${"Disallow: /*a*a*a*a*a*a*b$\n".repeat(20_000)}`],
    ["a byte order mark", "\uFEFFUser-agent: *\nDisallow: /no"],
  ])("is read in no time: %s", (_, text) => {
    const spent_ms = busyTime_ms(() => {
      const may = readRobots(text, "Sterna");
      expect(may("/no")).toBe(false);
      expect(may(`/${"a".repeat(2_000)}`)).toBe(true);
    });
    expect(spent_ms).toBeLessThan(2_000);
  });
});
