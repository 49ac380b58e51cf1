import { lookup as resolve } from "node:dns";
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, type LookupFunction, type Socket } from "node:net";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";

/** LIMIT: how long a host may take to take a connection, with its name and TLS. */
const CONNECT_TIMEOUT_MS = 3_000;

/** What keeps requests from going where they must not. */
export interface RequestGuard {
  /** Whether private addresses may be asked: where the hub lives on one itself, as in development. */
  readonly allowPrivate: boolean;
  readonly userAgent: string;
}

/** One HTTP request. */
export interface GuardedRequest {
  readonly method?: "GET" | "POST";
  readonly accept: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** LIMIT: bytes of the answer after decompression. */
  readonly bytes_max: number;
  /** Whether only the status is of use: then at most `bytes_max` of the answer are read, and let go. */
  readonly statusOnly?: boolean;
  /** Whether what goes beyond `bytes_max` is left out instead of refused. */
  readonly isCut?: boolean;
}

/** What came back; the body is read only of answers with status 200. */
export interface GuardedAnswer {
  readonly kind: "answer";
  /** The address without its fragment. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Without parameters, in lower case; empty when there is none. */
  readonly mediaType: string;
  readonly body: string;
}

// Addresses that are nobody's business on a stranger's word: RFC 6890 special-purpose registries.
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}

/**
 * Whether an IP address is private, loopback, link-local, multicast or otherwise not on the public internet; also one of
 * IPv6 that stands for such an address of IPv4.
 */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  if (family === 4) return PRIVATE.check(address, "ipv4");
  if (PRIVATE.check(address, "ipv6")) return true;
  const groups = groupsOf(address);
  const inner = groups === undefined ? "0.0.0.0" : ipv4In(groups);
  return inner !== undefined && PRIVATE.check(inner, "ipv4");
}

/** The IPv4 address that one of IPv6 leads to: mapped, compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052), 6to4 (RFC 3056). */
function ipv4In(groups: readonly number[]): string | undefined {
  const [first, second, third] = groups;
  const zeros = groups.findIndex((group) => group !== 0);
  const isLast =
    zeros >= 6 || (zeros === 5 && groups[5] === 0xffff) || (first === 0x64 && second === 0xff9b && third === 0);
  const halves = isLast ? groups.slice(6) : first === 0x2002 ? groups.slice(1, 3) : undefined;
  return halves?.flatMap((half) => [half >> 8, half & 0xff]).join(".");
}

/** The eight numbers of an IPv6 address; undefined for one with a zone, which is no public one. */
function groupsOf(address: string): readonly number[] | undefined {
  const plain = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  if (plain === undefined) return undefined;
  const [head = [], tail = []] = plain
    .split("::")
    .map((part) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16))));
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

/**
 * Sends one request and follows no redirect. Names are resolved once and the connection goes to that very address, so
 * that a name cannot point elsewhere between check and use; private addresses are refused. Refuses with `invalid`,
 * `forbidden`, `timed-out`, `too-large`, `remote-refused` (no UTF-8) and `remote-unreachable`, naming the host.
 */
export function sendGuarded(
  address: string,
  wish: GuardedRequest,
  guard: RequestGuard,
): Promise<GuardedAnswer | Refusal> {
  const url = addressToAsk(address, guard);
  if (isRefusal(url)) return Promise.resolve(url);
  const { method = "GET", accept, headers = {}, body, signal } = wish;
  return new Promise((done) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(
      url,
      {
        method,
        signal,
        lookup: guard.allowPrivate ? undefined : publicLookup,
        headers: { accept, "accept-encoding": "gzip, br", "user-agent": guard.userAgent, ...headers },
      },
      (response) => {
        answerOf(url, response, wish).then(done, (error: unknown) => done(unreachable(url, error)));
      },
    );
    request.on("error", (error) => done(unreachable(url, error)));
    request.once("socket", (socket) => boundConnecting(socket, url));
    request.end(body);
  });
}

/** Gives a host up that takes no connection, so that who waits can go another way. */
function boundConnecting(socket: Socket, { protocol }: URL): void {
  if (!socket.connecting) return;
  const late = (): void => {
    socket.destroy(Object.assign(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`), { code: "ETIMEDOUT" }));
  };
  const timer = setTimeout(late, CONNECT_TIMEOUT_MS);
  for (const event of [protocol === "https:" ? "secureConnect" : "connect", "close"]) {
    socket.once(event, () => clearTimeout(timer));
  }
}

/** The address that may be asked, as far as its text tells, without its fragment; or why none. */
export function addressToAsk(address: string, guard: RequestGuard): URL | Refusal {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "") {
    return refuse("invalid", `Expected an http or https address, but got "${address.slice(0, 120)}".`);
  }
  url.hash = "";
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  return !guard.allowPrivate && isIP(literal) !== 0 && isPrivateAddress(literal) ? refusePrivate(url) : url;
}

async function answerOf(
  url: URL,
  response: IncomingMessage,
  { bytes_max, statusOnly = false, isCut = false }: GuardedRequest,
): Promise<GuardedAnswer | Refusal> {
  const { statusCode: status = 0, headers } = response;
  const mediaType = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const head = { kind: "answer", url, status, headers, mediaType } as const;
  if (statusOnly) {
    await passOver(response, bytes_max);
    return { ...head, body: "" };
  }
  if (status !== 200) {
    // What it says beside is of no use, and may be without end.
    response.destroy();
    return { ...head, body: "" };
  }
  const body = await readBody(url, response, bytes_max, isCut);
  return typeof body === "string" ? { ...head, body } : body;
}

/** Reads a short answer to its end, so that its connection serves again; a long one is cut off. */
async function passOver(response: IncomingMessage, bytes_max: number): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytes_max) return;
    }
  } catch {
    // The status stands, however its text ends.
  }
}

async function readBody(
  url: URL,
  response: IncomingMessage,
  bytes_max: number,
  isCut: boolean,
): Promise<string | Refusal> {
  const stream = decompressed(response);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytes_max) {
        // A sign that is cut through becomes U+FFFD.
        if (isCut) return Buffer.concat(chunks).toString("utf8");
        return refuse("too-large", `Expected at most ${bytes_max} bytes of ${url.host}, but got more.`);
      }
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return refuse("remote-refused", `Expected UTF-8 of ${url.host}, but got other bytes.`);
  }
}

function decompressed(response: IncomingMessage): NodeJS.ReadableStream {
  const encoding = response.headers["content-encoding"];
  const through = encoding === "gzip" ? createGunzip() : encoding === "br" ? createBrotliDecompress() : undefined;
  if (through === undefined) return response;
  // What breaks off before it is decompressed ends the reading, too.
  response.on("error", (error) => through.destroy(error));
  return response.pipe(through);
}

/** Resolves a name and gives only public addresses, which the connection then uses. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, "", 0);
      return;
    }
    const usable = addresses.filter(({ address }) => !isPrivateAddress(address));
    const [first] = usable;
    if (first === undefined) callback(Object.assign(new Error("private"), { code: "EPRIVATE" }), "", 0);
    else if (options.all === true) callback(null, usable);
    else callback(null, first.address, first.family);
  });
};

function refusePrivate(url: URL): Refusal {
  return refuse("forbidden", `${url.host} is a private address, which this hub does not fetch from.`, {
    address: "private",
  });
}

function unreachable(url: URL, error: unknown): Refusal {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EPRIVATE") return refusePrivate(url);
  if (
    error instanceof Error &&
    (error.name === "TimeoutError" || error.name === "AbortError" || code === "ABORT_ERR")
  ) {
    return refuse("timed-out", `${url.host} did not answer in time.`);
  }
  return refuse("remote-unreachable", `${url.host} could not be reached (${code || String(error)}).`);
}
