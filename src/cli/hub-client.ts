import { type CliConfig, isRecord, messageOf, readCliConfig } from "./cli-config.ts";
import { CommandEnd, EXIT } from "./exit-code.ts";
import type { CliIo } from "./io.ts";
import { plain } from "./output/terminal-text.ts";

/** The options every command that talks to a hub has. */
export interface HubOptions {
  readonly url?: string;
  readonly token?: string;
  /** The account to act for. */
  readonly as?: string;
  readonly json?: boolean;
}

/** Where a hub is looked for when nothing says. */
export const DEFAULT_URL = "http://localhost:8030/";

/** One request to the hub. */
export interface HubRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly accept?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** A running hub as the commands see it: requests with the account's token. */
export class HubClient {
  readonly url: string;
  readonly #token: string | undefined;
  readonly #io: CliIo;
  #account: string | undefined;
  #me: Promise<Me> | undefined;

  constructor(io: CliIo, url: string, token: string | undefined, account: string | undefined) {
    this.#io = io;
    this.url = url;
    this.#token = token;
    this.#account = account;
  }

  /** The name of the account that commands act for. Ends with `refused` when the token is nobody's account. */
  async account(): Promise<string> {
    if (this.#account !== undefined) return this.#account;
    const me = await this.me();
    if (me.name === undefined) {
      throw new CommandEnd(
        EXIT.refused,
        "Expected an account, but this token is the owner's. Name one with --as NAME, or log in as one.",
      );
    }
    this.#account = me.name;
    return me.name;
  }

  /** Who the token is, by `GET /api/me`. */
  me(): Promise<Me> {
    this.#me ??= this.json("api/me").then((value) => {
      const me: Me = {
        kind: textIn(value, "kind") === "owner" ? "owner" : "account",
        ...optional("name", textIn(value, "name")),
        ...optional("iri", textIn(value, "iri")),
        ...optional("base", textIn(value, "base")),
        ...optional("jid", textIn(value, "jid")),
      };
      return me;
    });
    return this.#me;
  }

  /** `path` below the account: `alice/posts`. */
  async ownPath(rest: string): Promise<string> {
    return `${encodeURIComponent(await this.account())}/${rest}`;
  }

  /**
   * The address to ask for an IRI of this hub, which may be reached by another address than its base; undefined for
   * an IRI of another hub.
   */
  async addressOf(iri: string): Promise<string | undefined> {
    if (iri.startsWith(this.url)) return iri;
    const base = this.#token === undefined ? undefined : (await this.me()).base;
    return base !== undefined && iri.startsWith(base) ? `${this.url}${iri.slice(base.length)}` : undefined;
  }

  /** A request that expects JSON. `body` is sent as JSON. */
  async json(path: string, request: Omit<HubRequest, "body"> & { readonly body?: unknown } = {}): Promise<unknown> {
    const { body, ...rest } = request;
    const response = await this.send(path, {
      accept: "application/json",
      ...rest,
      ...(body === undefined ? {} : { body: JSON.stringify(body), contentType: "application/json" }),
    });
    const text = await response.text();
    try {
      return text === "" ? undefined : JSON.parse(text);
    } catch {
      throw new CommandEnd(EXIT.refused, `Expected JSON from ${this.url}, but got something else. Is it a Sterna hub?`);
    }
  }

  /**
   * Sends a request and gives the response when it is a success. Ends with `unreachable` when there is no hub, with
   * `refused` and the problem's own sentence (RFC 9457) when it says no.
   */
  async send(path: string, request: HubRequest = {}): Promise<Response> {
    const address = /^https?:/.test(path) ? path : `${this.url}${path}`;
    // A token is for its own hub and nobody else.
    const own = address.startsWith(this.url);
    const headers: Record<string, string> = { ...request.headers };
    if (request.accept !== undefined) headers["accept"] = request.accept;
    if (request.contentType !== undefined) headers["content-type"] = request.contentType;
    if (own && this.#token !== undefined) headers["authorization"] = `Bearer ${this.#token}`;
    const init: RequestInit & { duplex?: "half" } = {
      method: request.method ?? "GET",
      headers,
      signal: request.signal ?? this.#io.signal,
      redirect: own ? "manual" : "follow",
    };
    if (typeof request.body === "string") init.body = request.body;
    else if (request.body !== undefined) {
      init.body = ReadableStream.from(request.body) as unknown as NonNullable<RequestInit["body"]>;
      init.duplex = "half";
    }
    const response = await this.#reach(address, init);
    if (response.ok) return response;
    throw new CommandEnd(EXIT.refused, await this.#why(response));
  }

  async #reach(address: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#io.fetch(address, init);
    } catch (error) {
      if (init.signal?.aborted) throw new CommandEnd(EXIT.interrupted, "");
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      if (cause instanceof CommandEnd) throw cause;
      const reason = isRecord(cause) && typeof cause["code"] === "string" ? cause["code"] : messageOf(cause);
      const start = address.startsWith(this.url)
        ? 'Start one with "sterna serve", or name another with --url or STERNA_URL.'
        : "Check the address, or try later.";
      throw new CommandEnd(
        EXIT.unreachable,
        `Expected a hub at ${new URL(address).origin}/, but could not reach it (${reason}). ${start}`,
      );
    }
  }

  async #why(response: Response): Promise<string> {
    const text = (await response.text().catch(() => "")).slice(0, 65_536);
    let problem: unknown;
    try {
      problem = JSON.parse(text);
    } catch {
      problem = undefined;
    }
    const detail = textIn(problem, "detail") ?? textIn(problem, "title");
    const hint =
      response.status === 401 && !text.includes("sterna login")
        ? ' Log in with "sterna login", or give --token or STERNA_TOKEN.'
        : "";
    if (detail !== undefined) return `${plain(detail)}${hint}`;
    const location = response.headers.get("location");
    const where = location === null ? "" : ` to ${plain(location)}; give that address with --url`;
    return `Expected ${response.url || this.url} to do it, but it answered ${response.status}${where}.${hint}`;
  }
}

/** The answer of `GET /api/me`. */
export interface Me {
  readonly kind: "owner" | "account";
  readonly name?: string;
  readonly iri?: string;
  readonly base?: string;
  readonly jid?: string;
}

/** A text field of a JSON value. */
export function textIn(value: unknown, key: string): string | undefined {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === "string" ? found : undefined;
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}

/** A hub's address as it is compared and joined: http or https, with `/` at its end. Ends with `usage` when it is none. */
export function parseHubUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CommandEnd(EXIT.usage, `Expected the hub's address such as ${DEFAULT_URL}, but got "${text}".`);
  }
  url.search = "";
  url.hash = "";
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

/** The hub and account that the options, the environment and the settings name, in this order. */
export async function openHub(io: CliIo, options: HubOptions): Promise<HubClient> {
  const token = options.token ?? (io.env["STERNA_TOKEN"] || undefined);
  const named = options.url ?? (io.env["STERNA_URL"] || undefined);
  // With everything given, settings that are damaged or too open do not matter.
  const config: CliConfig = token !== undefined && named !== undefined ? { hubs: {} } : await readCliConfig(io);
  const url = parseHubUrl(named ?? config.default ?? DEFAULT_URL);
  if (token !== undefined) return new HubClient(io, url, token, options.as);
  const hub = config.hubs[url];
  if (options.as === undefined) return new HubClient(io, url, hub?.token, hub?.account);
  const saved = hub?.accounts?.[options.as] ?? (hub?.account === options.as ? hub.token : undefined);
  if (saved === undefined) {
    const known = Object.keys(hub?.accounts ?? {});
    const list = known.length === 0 ? "none" : known.join(", ");
    throw new CommandEnd(
      EXIT.refused,
      `Expected a saved account of ${url}, but "${options.as}" is not one (there: ${list}). Log in with "sterna login --as ${options.as}".`,
    );
  }
  return new HubClient(io, url, saved, options.as);
}
