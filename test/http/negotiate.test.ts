import { describe, expect, it } from "vitest";
import { choose, negotiate, type Offer } from "../../src/http/negotiate.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

const OFFERS: readonly Offer<string>[] = ["text/html", "text/turtle", "application/ld+json", "application/rdf+xml"].map(
  (mediaType) => ({ mediaType, name: mediaType.replace(/^.*[/+]/, ""), value: mediaType }),
);

describe("choosing by Accept (RFC 9110 §12.5.1)", () => {
  it.each([
    ["", "text/html"],
    ["*/*", "text/html"],
    ["text/turtle", "text/turtle"],
    ["TEXT/Turtle", "text/turtle"],
    ["text/*", "text/html"],
    ["text/*;q=0.5, application/rdf+xml;q=0.6", "application/rdf+xml"],
    ["text/*, text/html;q=0.1", "text/turtle"],
    ["text/*, text/html;q=0", "text/turtle"],
    ["*/*;q=0.1, application/ld+json;q=0.2", "application/ld+json"],
    ["*/*, application/ld+json", "application/ld+json"],
    ["application/json, application/*;q=0.5", "application/ld+json"],
    ["text/turtle;charset=utf-8", "text/turtle"],
    ['application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"],
    ["application/rdf+xml;q=0.999, text/turtle;q=0.998", "application/rdf+xml"],
    ["text/turtle ; q = 0.3 , application/rdf+xml ; q=0.4", "application/rdf+xml"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html"],
    [
      "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,text/turtle;q=0.6,text/html;q=0.2",
      "application/ld+json",
    ],
    ["nonsense", "text/html"],
    ["nonsense, text/turtle", "text/turtle"],
    ["text/turtle;q=2, application/rdf+xml;q=0.1", "application/rdf+xml"],
    ["*/turtle, application/rdf+xml", "application/rdf+xml"],
  ])("answers %j with %s", (accept, expected) => {
    expect(negotiate(accept, OFFERS)).toMatchObject({ value: expected });
  });

  it.each(["application/pdf", "text/turtle;q=0", "*/*;q=0", "text/html;q=0.000, image/*"])(
    "refuses %j with the list of what there is",
    (accept) => {
      const refusal = negotiate(accept, OFFERS);
      expect(refusal).toMatchObject({
        code: "not-acceptable",
        detail: { accepted: OFFERS.map(({ mediaType }) => mediaType) },
      });
      expect(isRefusal(refusal) && refusal.message).toContain("application/rdf+xml");
    },
  );
});

describe("choosing by ?format=", () => {
  it("goes before Accept, by name or media type", () => {
    expect(choose("text/html", "turtle", OFFERS)).toMatchObject({ value: "text/turtle" });
    expect(choose("text/html", "application/rdf+xml", OFFERS)).toMatchObject({ value: "application/rdf+xml" });
  });

  it("does not matter when empty, and is refused when unknown", () => {
    expect(choose("text/turtle", "", OFFERS)).toMatchObject({ value: "text/turtle" });
    expect(choose("text/turtle", "pdf", OFFERS)).toMatchObject({ code: "not-acceptable" });
  });
});
