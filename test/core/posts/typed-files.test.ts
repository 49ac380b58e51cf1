import { describe, expect, it } from "vitest";
import { readFiles, readPlace, type TypedFile, type TypedPlace } from "../../../src/core/posts/typed-files.ts";

const FILE = "https://files.example/tern.JPG?size=2";

describe("files as typed", () => {
  it("have the media type that their address ends with, unless another is told", () => {
    expect(readFiles([{ iri: FILE }, { iri: "https://files.example/a", description: " A\n tern " }])).toEqual([
      { iri: FILE, format: "image/jpeg" },
      { iri: "https://files.example/a", description: "A tern" },
    ]);
    expect(readFiles([{ iri: FILE, format: "Image/WebP", size_bytes: 7 }])).toEqual([
      { iri: FILE, format: "image/webp", size_bytes: 7 },
    ]);
    expect(readFiles([{ iri: "https://files.example/a.constructor" }])).toEqual([
      { iri: "https://files.example/a.constructor" },
    ]);
  });

  it.each<[string, TypedFile, RegExp]>([
    ["a path", { iri: "tern.jpg" }, /put the file on the web first/],
    ["a file of the machine", { iri: "file:///etc/passwd" }, /address of a file on the web/],
    ["a script", { iri: "javascript:alert(1)" }, /address of a file on the web/],
    ["data", { iri: "data:image/png;base64,AAAA" }, /address of a file on the web/],
    ["an address with a space", { iri: "https://x.example/a b" }, /address of a file on the web/],
    ["no host", { iri: "https://" }, /address of a file on the web/],
    ["half a character", { iri: "https://x.example/\ud800" }, /address of a file on the web/],
    ["a media type that is none", { iri: FILE, format: "picture" }, /media type such as image\/png/],
    ["a negative size", { iri: FILE, size_bytes: -1 }, /number of bytes/],
    ["half a byte", { iri: FILE, size_bytes: 1.5 }, /number of bytes/],
    ["empty words", { iri: FILE, description: " " }, /what a file shows, but it is empty/],
    ["words without end", { iri: FILE, description: "x".repeat(2_001) }, /at most 2000 characters/],
    ["a control character", { iri: FILE, description: "a\u0007" }, /control character U\+0007/],
  ])("are refused: %s", (_, file, why) => {
    expect(readFiles([file])).toMatchObject({ kind: "refusal", message: expect.stringMatching(why) });
  });

  it("are refused twice, and by the hundred", () => {
    expect(readFiles([{ iri: FILE }, { iri: FILE }])).toMatchObject({ kind: "refusal", code: "invalid" });
    const many = Array.from({ length: 101 }, (_, at) => ({ iri: `https://x.example/${at}` }));
    expect(readFiles(many)).toMatchObject({ kind: "refusal", code: "too-large" });
    expect(readFiles(many.slice(1))).toHaveLength(100);
  });
});

describe("a place as typed", () => {
  it("has a name, a point, or both", () => {
    expect(readPlace({ name: " The  lake " })).toEqual({ name: "The lake" });
    expect(readPlace({ lat: -33.9, long: 18.4 })).toEqual({ lat: -33.9, long: 18.4 });
    expect(readPlace({ name: "The lake", lat: 0, long: 0 })).toEqual({ name: "The lake", lat: 0, long: 0 });
  });

  it.each<[string, TypedPlace, RegExp]>([
    ["nothing", {}, /neither/],
    ["half a point", { name: "x", lat: 1 }, /add the longitude/],
    ["the other half", { long: 1 }, /add the latitude/],
    ["no place on the Earth", { lat: 91, long: 0 }, /from -90 to 90/],
    ["no number", { lat: Number.NaN, long: 0 }, /from -90 to 90/],
    ["an empty name", { name: "\n" }, /name of a place, but it is empty/],
    ["a name without end", { name: "x".repeat(201) }, /at most 200 characters/],
    ["a control character", { name: "a\u0000" }, /control character/],
  ])("is refused: %s", (_, place, why) => {
    expect(readPlace(place)).toMatchObject({ kind: "refusal", message: expect.stringMatching(why) });
  });
});
