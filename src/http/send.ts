import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Context } from "koa";
import { isRefusal } from "../outcome/refusal.ts";
import { type ContentCoding, codingOf, compressed, isWorthIt } from "./compression.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { choose, type Offer } from "./negotiate.ts";
import { renderProblem } from "./pages/render.ts";
import { type Problem, problemHeaders } from "./problem.ts";
import { pageContext } from "./representation.ts";

/**
 * Sends an answer. A whole text that was asked for with GET gets an ETag over its bytes (so it is another one in each
 * format), and 304 where the peer has it already. A stream's first piece is waited for, so that what fails at once
 * fails as a problem; what fails later cuts the connection, so that nobody takes a part for the whole.
 */
export async function sendAnswer(
  ctx: Context,
  { status = 200, type, body, headers = {}, etagPrefix = "", compressible = false }: Answer,
): Promise<void> {
  const reading = ctx.method === "GET" || ctx.method === "HEAD";
  ctx.status = status;
  ctx.set(headers);
  if (!ctx.response.get("cache-control")) ctx.set("cache-control", reading ? "no-cache" : "no-store");
  if (compressible) ctx.vary("Accept-Encoding");
  if (body === undefined) return;
  if (body instanceof Uint8Array) return sendBytes(ctx, body, type, headers["etag"] ?? "");
  const coding = compressible && isWorthIt(body) ? codingOf(ctx.get("accept-encoding")) : undefined;
  if (typeof body !== "string") {
    const stream =
      ctx.method === "HEAD" ? await discard(body) : Readable.from(await begun(body), { objectMode: false });
    if (stream !== undefined) setBody(ctx, stream, coding);
    if (type !== undefined) ctx.set("content-type", type);
    return;
  }
  if (reading && status === 200) {
    const etag = headers["etag"] ?? etagOf(type, body, etagPrefix, coding);
    ctx.set("etag", etag);
    if (isKnown(ctx.get("if-none-match"), etag)) {
      ctx.status = 304;
      return;
    }
  }
  setBody(ctx, body, coding);
  if (type !== undefined) ctx.set("content-type", type);
}

function sendBytes(ctx: Context, body: Uint8Array, type: string | undefined, etag: string): void {
  if (etag !== "" && isKnown(ctx.get("if-none-match"), etag)) {
    ctx.status = 304;
    return;
  }
  ctx.body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  ctx.set("content-type", type ?? "application/octet-stream");
}

function setBody(ctx: Context, body: string | Readable, coding: ContentCoding | undefined): void {
  ctx.body = coding === undefined ? body : compressed(body, coding);
  if (coding !== undefined) ctx.set("content-encoding", coding);
}

/** Compressed bytes are other bytes, so they have another tag (RFC 9110 §8.8.1). */
function etagOf(type: string | undefined, body: string, prefix: string, coding: ContentCoding | undefined): string {
  const hash = createHash("sha256")
    .update(type ?? "")
    .update(body)
    .digest("base64url")
    .slice(0, 20);
  return `"${prefix}${hash}${coding === undefined ? "" : `-${coding}`}"`;
}

/** RFC 9110 §13.1.2, by weak comparison. */
export function isKnown(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === "*") return true;
  const plain = (tag: string): string =>
    tag
      .trim()
      .replace(/^W\//, "")
      .replace(/-(?:gzip|br)"$/, '"');
  return ifNoneMatch.split(",").some((known) => plain(known) === plain(etag));
}

/** The same text, its beginning already there. */
async function begun(pieces: AsyncIterable<string>): Promise<AsyncIterable<string>> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

async function discard(pieces: AsyncIterable<string>): Promise<undefined> {
  await pieces[Symbol.asyncIterator]().return?.();
}

const PROBLEM_OFFERS: readonly Offer<"json" | "html">[] = [
  { mediaType: "application/problem+json", name: "json", value: "json" },
  { mediaType: "application/json", value: "json" },
  { mediaType: "text/html", name: "html", value: "html" },
];

/** Sends a problem: as `application/problem+json`, or as a page to whom HTML is dearer. */
export function sendProblem(ctx: Context, problem: Problem, exchange: Exchange | undefined): void {
  const offer = choose(ctx.get("accept"), undefined, PROBLEM_OFFERS);
  ctx.status = problem.status;
  ctx.set({ ...problemHeaders(problem), vary: "Accept", "cache-control": "no-store" });
  if (exchange !== undefined && !isRefusal(offer) && offer.value === "html") {
    ctx.body = renderProblem(problem, pageContext(exchange));
    ctx.set("content-type", "text/html; charset=utf-8");
    return;
  }
  ctx.body = `${JSON.stringify(problem)}\n`;
  ctx.set("content-type", "application/problem+json");
}
