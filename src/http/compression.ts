import { Readable } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";

/** How an answer can be compressed. */
export type ContentCoding = "br" | "gzip";

/** Characters below which compressing costs more than it saves. */
const TEXT_LENGTH_MIN = 1_024;

/** The coding that `Accept-Encoding` likes best (RFC 9110 §12.5.3); undefined for none, which is always acceptable. */
export function codingOf(acceptEncoding: string): ContentCoding | undefined {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.split(",")) {
    const [, name, weight = "1"] = /^\s*([\w*-]+)\s*(?:;\s*q\s*=\s*([\d.]+))?\s*$/i.exec(part) ?? [];
    if (name !== undefined) weights.set(name.toLowerCase(), Number(weight));
  }
  const weightOf = (coding: string): number => weights.get(coding) ?? weights.get("*") ?? 0;
  const [br, gzip] = [weightOf("br"), weightOf("gzip")];
  // For a stream gzip costs half the time, and those who name both take either.
  if (gzip > 0 && gzip >= br) return "gzip";
  return br > 0 ? "br" : undefined;
}

/** Whether a whole text is worth compressing. */
export function isWorthIt(body: string | AsyncIterable<string>): boolean {
  return typeof body !== "string" || body.length >= TEXT_LENGTH_MIN;
}

/** The bytes of a text compressed as they come; reading less stops the text, and its failure fails the bytes. */
export function compressed(body: string | Readable, coding: ContentCoding): Readable {
  const source = typeof body === "string" ? Readable.from([body], { objectMode: false }) : body;
  const zip =
    coding === "gzip"
      ? createGzip({ level: 4 })
      : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  source.once("error", (error) => zip.destroy(error));
  zip.once("close", () => source.destroy());
  return source.pipe(zip);
}
