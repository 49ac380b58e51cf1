import type { IncomingMessage } from "node:http";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { jsonErrorOffset } from "../rdf/json-place.ts";
import { invalidByteOffset, refuseUtf8 } from "../rdf/utf8.ts";
import type { Exchange } from "./exchange.ts";

/** LIMIT: bytes of a body that is read whole (a post, a query, a profile). */
export const BODY_BYTES_MAX = 1_048_576;
/** LIMIT: milliseconds until such a body must have come. */
export const BODY_TIMEOUT_MS = 30_000;

/** The media type of the request's body: lower case, without parameters; empty when none is named. */
export function mediaTypeOf(exchange: Exchange): string {
  return (exchange.header("content-type").split(";")[0] ?? "").trim().toLowerCase();
}

/**
 * Reads the body whole as UTF-8, up to `bytes_max` bytes. Refuses with `too-large`, with `timed-out`, with `malformed`
 * what is not UTF-8, and with `unsupported-media-type` another charset or a compressed body.
 */
export async function readText(exchange: Exchange, bytes_max = BODY_BYTES_MAX): Promise<string | Refusal> {
  const encoding = exchange.header("content-encoding").trim().toLowerCase();
  if (encoding !== "" && encoding !== "identity") {
    return refuse(
      "unsupported-media-type",
      `Expected a body that is not compressed, but got "${encoding.slice(0, 40)}".`,
    );
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(exchange.header("content-type"))?.[1]?.toLowerCase();
  if (charset !== undefined && !["utf-8", "utf8", "us-ascii"].includes(charset)) {
    return refuse("unsupported-media-type", `Expected a body in UTF-8, but got the charset "${charset.slice(0, 40)}".`);
  }
  const bytes = await readBytes(exchange.request, exchange.gone, bytes_max);
  if (isRefusal(bytes)) return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuseUtf8(invalidByteOffset(bytes));
  }
}

/** Reads the body whole, up to `bytes_max` bytes; refuses with `too-large` and `timed-out`. */
export async function readBytes(
  request: IncomingMessage,
  gone: AbortSignal,
  bytes_max: number,
): Promise<Buffer | Refusal> {
  if (Number(request.headers["content-length"] ?? 0) > bytes_max) return tooLarge(bytes_max);
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(
      () =>
        end(
          refuse(
            "timed-out",
            `Expected the whole body within ${BODY_TIMEOUT_MS / 1_000} seconds, but it did not come.`,
          ),
        ),
      BODY_TIMEOUT_MS,
    );
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > bytes_max) end(tooLarge(bytes_max));
      else chunks.push(chunk);
    };
    const onEnd = (): void => end(Buffer.concat(chunks));
    const onGone = (): void => end(refuse("malformed", "Expected a whole body, but the connection ended before."));
    const end = (result: Buffer | Refusal): void => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("error", onGone);
      gone.removeEventListener("abort", onGone);
      resolve(result);
    };
    request.on("data", onData).once("end", onEnd).once("error", onGone);
    gone.addEventListener("abort", onGone, { once: true });
  });
}

function tooLarge(bytes_max: number): Refusal {
  return refuse("too-large", `Expected a body of at most ${bytes_max} bytes, but got more; send less at once.`, {
    bytes_max,
  });
}

/** The JSON object of a body. Refuses with `malformed` (line and column) and `unsupported-media-type`. */
export async function readJson(exchange: Exchange): Promise<Readonly<Record<string, unknown>> | Refusal> {
  const type = mediaTypeOf(exchange);
  if (type !== "application/json") {
    return refuse("unsupported-media-type", `Expected application/json, but got "${type.slice(0, 80)}".`, {
      accepted: ["application/json"],
    });
  }
  const text = await readText(exchange);
  if (isRefusal(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return notJson(text);
  }
  if (isObject(value)) return value;
  return refuse("malformed", "Expected a JSON object such as {…}, but got another value.");
}

function notJson(text: string): Refusal {
  const before = text.slice(0, jsonErrorOffset(text)).split("\n");
  const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
  return refuse("malformed", `Expected JSON, but line ${line} stops being it at column ${column}.`, { line, column });
}

type JsonObject = Readonly<Record<string, unknown>>;

/** What a field of a JSON body may be. */
interface FieldKinds {
  readonly text: string;
  readonly texts: readonly string[];
  readonly flag: boolean;
  readonly number: number;
  readonly object: JsonObject;
  readonly objects: readonly JsonObject[];
}
type FieldKind = keyof FieldKinds;

/** Each kind in words, and whether a value is of it. */
const FIELD_KINDS: { readonly [K in FieldKind]: readonly [words: string, fits: (value: unknown) => boolean] } = {
  text: ["a text", (value) => typeof value === "string"],
  texts: ["a list of texts", (value) => Array.isArray(value) && value.every((one) => typeof one === "string")],
  flag: ["true or false", (value) => typeof value === "boolean"],
  number: ["a number", (value) => typeof value === "number"],
  object: ["an object such as {…}", isObject],
  objects: ["a list of objects such as [{…}]", (value) => Array.isArray(value) && value.every(isObject)],
};

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of a body, read. */
export type Fields<S extends Readonly<Record<string, FieldKind>>> = {
  readonly [N in keyof S]?: FieldKinds[S[N]];
};

/** Reads the named fields of an object, all optional (`null` is absent). Refuses with `invalid` what else there is. */
export function readFields<S extends Readonly<Record<string, FieldKind>>>(
  body: Readonly<Record<string, unknown>>,
  kinds: S,
): Fields<S> | Refusal {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const known = Object.keys(kinds).join(", ");
      return refuse("invalid", `Expected no other fields than ${known}, but got "${name.slice(0, 80)}".`);
    }
    if (value === null) continue;
    const [words, fits] = FIELD_KINDS[kind];
    if (!fits(value)) return refuse("invalid", `Expected ${words} in the field "${name}", but got another value.`);
    found[name] = value;
  }
  return found as Fields<S>;
}

/** The refusal of a body without a field that must be there. */
export function missingField(name: string): Refusal {
  return refuse("invalid", `Expected the field "${name}", but it is missing; name it in the JSON body.`);
}
