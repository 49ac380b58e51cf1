import { describe, expect, it } from "vitest";
import { readRobots } from "../../src/feeds/robots.ts";

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
