import { createHash, randomBytes } from "node:crypto";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";

/** LIMIT: how much of a store's complaint is read. */
const COMPLAINT_CHARACTERS_MAX = 2_000;
/** What is told to those who should try again. */
const RETRY_AFTER_S = 5;
const RESULTS = "application/sparql-results+json";

/** Where a store is and how it knows us. */
export interface StoreAddress {
  /** SPARQL 1.1 Protocol: queries. */
  readonly query: string;
  /** SPARQL 1.1 Protocol: updates; often the same. */
  readonly update: string;
  readonly user?: string;
  readonly password?: string;
}

/** What a query may see. */
export interface StoreDataset {
  /** Merged into the default graph. */
  readonly default: readonly Iri[];
  /** COMPAT: without any, `GRAPH ?g` in Virtuoso goes over all graphs there are, other people's too. */
  readonly named: readonly Iri[];
}

/**
 * A SPARQL 1.1 Protocol client for one store. Refuses with `unavailable` when it cannot be reached or is not up, with
 * `invalid` when it says no to what was sent, with `forbidden` when it does not take us for who we are.
 */
export class StoreClient {
  readonly address: StoreAddress;
  #challenge: string | undefined;
  #nonceCount = 0;

  constructor(address: StoreAddress) {
    this.address = address;
  }

  /** Runs an update; resolves when the store has it. */
  async update(text: string, signal: AbortSignal): Promise<undefined | Refusal> {
    const headers = { "content-type": "application/sparql-update", accept: `${RESULTS}, */*;q=0.1` };
    const response = await this.#send(this.address.update, { body: text, headers }, signal);
    if (isRefusal(response)) return response;
    try {
      await response.body?.cancel();
    } catch {
      // What it says about its success does not matter.
    }
    return undefined;
  }

  /** Sends a query; gives the SPARQL JSON results as they come. */
  async query(text: string, dataset: StoreDataset, signal: AbortSignal): Promise<Response | Refusal> {
    const form = new URLSearchParams({ query: text });
    for (const graph of dataset.default) form.append("default-graph-uri", graph);
    for (const graph of dataset.named) form.append("named-graph-uri", graph);
    return await this.#send(this.address.query, { body: form, headers: { accept: RESULTS } }, signal);
  }

  async #send(
    url: string,
    { body, headers }: { readonly body: string | URLSearchParams; readonly headers: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<Response | Refusal> {
    for (let attempt = 1; ; attempt++) {
      let response: Response;
      try {
        const authorization = this.#authorization(url);
        response = await fetch(url, {
          method: "POST",
          body,
          headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
          redirect: "error",
          signal,
        });
      } catch (error) {
        if (signal.aborted) throw error;
        // A connection that was kept and has gone meanwhile; asking and changing twice end the same.
        if (attempt === 1 && GONE.has(causeOf(error))) continue;
        return down(url, causeOf(error));
      }
      if (response.ok) return response;
      const challenge = response.headers.get("www-authenticate");
      if (response.status === 401 && challenge !== null && attempt < 3 && this.address.user !== undefined) {
        this.#challenge = challenge;
        this.#nonceCount = 0;
        await response.body?.cancel();
        continue;
      }
      return await complaint(url, response);
    }
  }

  /** RFC 7617 or RFC 7616, whichever the store asked for. */
  #authorization(url: string): string | undefined {
    const { user, password = "" } = this.address;
    if (user === undefined || this.#challenge === undefined) return undefined;
    if (!/^digest\b/i.test(this.#challenge)) {
      return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    }
    const given = (name: string): string =>
      new RegExp(`\\b${name}="?([^",]*)"?`, "i").exec(this.#challenge ?? "")?.[1] ?? "";
    const [realm, nonce, opaque] = [given("realm"), given("nonce"), given("opaque")];
    const { pathname, search } = new URL(url);
    const uri = pathname + search;
    const count = (++this.#nonceCount).toString(16).padStart(8, "0");
    const own = randomBytes(8).toString("hex");
    const algorithm = /sha-256/i.test(given("algorithm")) ? "sha256" : "md5";
    const hash = (text: string): string => createHash(algorithm).update(text).digest("hex");
    const [who, what] = [hash(`${user}:${realm}:${password}`), hash(`POST:${uri}`)];
    const withQop = /\bauth\b/.test(given("qop"));
    const answer = hash(withQop ? `${who}:${nonce}:${count}:${own}:auth:${what}` : `${who}:${nonce}:${what}`);
    const parts = [
      `username="${user}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${uri}"`,
      `response="${answer}"`,
      `algorithm=${algorithm === "md5" ? "MD5" : "SHA-256"}`,
      ...(withQop ? ["qop=auth", `nc=${count}`, `cnonce="${own}"`] : []),
      ...(opaque === "" ? [] : [`opaque="${opaque}"`]),
    ];
    return `Digest ${parts.join(", ")}`;
  }
}

const GONE: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

function down(url: string, why: string): Refusal {
  return refuse(
    "unavailable",
    `Expected the query store at ${originOf(url)} to answer, but ${why}; the hub goes on without it and tries again. Start it, or look into its log.`,
    { retryAfter_s: RETRY_AFTER_S },
  );
}

async function complaint(url: string, response: Response): Promise<Refusal> {
  const { status } = response;
  const said = (await response.text().catch(() => "")).slice(0, COMPLAINT_CHARACTERS_MAX);
  // COMPAT: Virtuoso's first line is the reason; after an empty one comes the query as it understood it.
  const reason = (said.split(/\r?\n\r?\n/)[0] ?? "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  // COMPAT: Virtuoso says 500 to who may not update.
  if (status === 401 || status === 403 || /\bSECURITY\b.*\bpermission\b/i.test(reason)) {
    return refuse(
      "forbidden",
      `Expected the query store at ${originOf(url)} to know this hub, but it answers ${status}; give STERNA_STORE_USER and STERNA_STORE_PASSWORD, and the right to update.`,
      { status },
    );
  }
  if (isTimeOut(reason)) {
    return refuse(
      "timed-out",
      "Expected a query that ends within the query store's own bounds, but this one does not; ask for less, or add a LIMIT.",
    );
  }
  // COMPAT: Virtuoso says 500 to what it cannot do with a query, and with "40001" that it should be tried again.
  if (status === 502 || status === 503 || status === 504 || /\b40001\b|\bdeadlock/i.test(reason)) {
    return down(url, `it answers ${status} (${reason.slice(0, 120)})`);
  }
  return refuse("invalid", `The query store could not answer this: ${reason.slice(0, 300)}.`, { status });
}

function isTimeOut(reason: string): boolean {
  return /\bS1T00\b|\bS1TAT\b|\b42000\b.*estimated execution time|transaction timed out/i.test(reason);
}

function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  const code = cause?.code;
  return typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
}

function originOf(url: string): string {
  return new URL(url).origin;
}
