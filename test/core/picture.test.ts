import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PICTURE_BYTES_MAX, type PictureFacts, readPicture } from "../../src/core/picture.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { pngOf } from "../support/pictures.ts";

const latin = (text: string): Buffer => Buffer.from(text, "latin1");
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const GIF = latin("GIF89a\u0005\u0000\u0004\u0000\u0000\u0000\u0000;");
// SOI, an application segment, a frame of 7 by 6, the scan.
const JPEG = hex("ffd8 ffe0 0004 0102 ffc2 0011 08 0006 0007 03 012200 021101 031101 ffda");
const riff = (chunk: string, data: Buffer): Buffer =>
  Buffer.concat([latin("RIFF"), hex("00000000"), latin(`WEBP${chunk}`), hex("10000000"), data]);
const WEBP_LOSSY = riff("VP8 ", hex("000000 9d012a 0900 0800"));
const WEBP_LOSSLESS = riff("VP8L", hex("2f 0a400200"));
const WEBP_EXTENDED = riff("VP8X", hex("00000000 0c0000 0b0000"));

describe("a picture", () => {
  it.each<[string, Buffer, Omit<PictureFacts, "bytes">]>([
    ["PNG", pngOf(3, 2), { type: "image/png", width: 3, height: 2 }],
    ["GIF", GIF, { type: "image/gif", width: 5, height: 4 }],
    ["JPEG (progressive)", JPEG, { type: "image/jpeg", width: 7, height: 6 }],
    ["WebP, lossy", WEBP_LOSSY, { type: "image/webp", width: 9, height: 8 }],
    ["WebP, lossless", WEBP_LOSSLESS, { type: "image/webp", width: 11, height: 10 }],
    ["WebP, extended", WEBP_EXTENDED, { type: "image/webp", width: 13, height: 12 }],
  ])("is known by its bytes, with its size: %s", (_, bytes, facts) => {
    expect(readPicture(bytes)).toEqual({ ...facts, bytes: bytes.length });
  });

  it.each<[string, Buffer, string]>([
    ["a page", latin("<html><script>alert(1)</script>"), "unsupported-media-type"],
    [
      "an SVG, which may have a script in it",
      latin('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      "unsupported-media-type",
    ],
    ["nothing", Buffer.alloc(0), "unsupported-media-type"],
    ["a RIFF that is no picture", latin("RIFF\u0000\u0000\u0000\u0000WAVEfmt "), "unsupported-media-type"],
    ["the beginning of a PNG", pngOf(3, 2).subarray(0, 20), "invalid"],
    ["a PNG of no pixels", pngOf(0, 0), "invalid"],
    ["a PNG that would fill the memory", pngOf(1, 1).fill(0x7f, 16, 20), "invalid"],
    ["a JPEG without a frame", hex("ffd8 ffe0 0004 0102 ffda 0000 0000 0000 0000"), "invalid"],
    ["a JPEG whose segments go nowhere", hex("ffd8 ffe0 0000 0000 0000 0000 0000"), "invalid"],
    ["one byte too much", Buffer.concat([pngOf(3, 2), Buffer.alloc(PICTURE_BYTES_MAX)]), "too-large"],
  ])("is refused: %s", (_, bytes, code) => {
    expect(readPicture(bytes)).toMatchObject({ code });
  });

  it("is read or refused whatever the bytes after its first ones are", () => {
    const heads = [pngOf(1, 1).subarray(0, 12), JPEG.subarray(0, 3), GIF.subarray(0, 6), WEBP_LOSSY.subarray(0, 12)];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 60 }), (head, tail) => {
        const read = readPicture(Buffer.concat([head, tail]));
        expect(isRefusal(read) || (read.width >= 1 && read.height >= 1)).toBe(true);
      }),
    );
  });
});
