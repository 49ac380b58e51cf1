import { setTimeout as delay } from "node:timers/promises";
import { type Component, component } from "@xmpp/component";
import type { XmlElement } from "../atom/xml-element.ts";
import { isXmlText } from "../atom/xml-text.ts";
import type { Instant } from "../core/instant.ts";
import type { BareJid } from "../core/jid.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { XmppStatus } from "../hub/ports/xmpp-link.ts";
import { type Refusal, refuse } from "../outcome/refusal.ts";

/**
 * LIMIT: the largest stanza written, in bytes. Prosody takes 512 KiB from components and between servers by default,
 * and ends the whole stream over a larger one.
 */
export const STANZA_BYTES_MAX = 500_000;
/** LIMIT: what may come in without the end of a tag, in UTF-16 units. */
const HELD_LENGTH_MAX = 2_097_152;
/** LIMIT: from connecting to being let in. */
const HANDSHAKE_TIMEOUT_MS = 15_000;
/** LIMIT: how long the server may take to read what was written. */
const WRITE_TIMEOUT_MS = 60_000;
/** LIMIT: how long the server may take to say goodbye. */
const CLOSE_TIMEOUT_MS = 1_000;
/** Waits between attempts: twice as long each time; a refused handshake is not retried faster than this. */
const BACK_OFF_MIN_MS = 250;
const BACK_OFF_MAX_MS = 60_000;
const REFUSED_WAIT_MS = 30_000;

/** Where and as whom to connect. */
export interface StreamOptions {
  /** `xmpp://host:port` of the server's component listener. */
  readonly service: string;
  readonly domain: BareJid;
  readonly secret: string;
  readonly log: Log;
  readonly now: () => Instant;
}

/** Why there is no connection, and whether trying again soon could help. */
interface Problem {
  readonly sentence: string;
  readonly refused: boolean;
}

/** The stream to the XMPP server: connects, stays connected, and says how it stands. Knows nothing of stanzas. */
export class ComponentStream implements AsyncDisposable {
  readonly #options: StreamOptions;
  readonly #onStanza: (stanza: XmlElement) => void;
  readonly #onLost: () => void;
  readonly #listeners = new Set<(status: XmppStatus) => void>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #status: XmppStatus = { kind: "connecting" };
  #entity: Component | undefined;

  constructor(options: StreamOptions, onStanza: (stanza: XmlElement) => void, onLost: () => void) {
    this.#options = options;
    this.#onStanza = onStanza;
    this.#onLost = onLost;
    this.#ended = this.#stayConnected();
  }

  get status(): XmppStatus {
    return this.#status;
  }

  onStatus(listener: (status: XmppStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return await this.#ended;
    this.#change({ kind: "off", reason: "the hub is stopping" });
    this.#stop.abort();
    await this.#ended;
  }

  /** Writes one stanza, checked first: one that is malformed or too large would cost the stream. */
  async write(xml: string): Promise<undefined | Refusal> {
    const no = this.whyNot() ?? whyNotStanza(xml);
    return no ?? (await this.flush(xml));
  }

  /** Writes whole, checked stanzas; resolves when the socket has taken them. */
  async flush(xml: string): Promise<undefined | Refusal> {
    const no = this.whyNot();
    const entity = this.#entity;
    if (no !== undefined || entity === undefined) return no ?? refuse("unavailable", "The XMPP link is not up.");
    const timer = setTimeout(() => this.#drop("does not read what is written to it"), WRITE_TIMEOUT_MS);
    try {
      await entity.write(xml);
      return undefined;
    } catch (error) {
      return refuse("unavailable", `The XMPP link was lost while writing (${String(error)}).`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Why nothing can be written now. */
  whyNot(): Refusal | undefined {
    const status = this.#status;
    if (status.kind === "online") return undefined;
    const why = status.kind === "off" ? status.reason : (status.problem ?? "it is being connected");
    return refuse("unavailable", `The XMPP link is not up: ${why}`);
  }

  /** Gives the present connection up, since the server `does` something it should not, and connects anew. */
  giveUp(does: string): void {
    this.#drop(does);
  }

  #drop: (does: string) => void = () => undefined;

  #change(status: XmppStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#stop;
    const { log, service } = this.#options;
    let wait_ms = BACK_OFF_MIN_MS;
    while (!signal.aborted) {
      const problem = await this.#connectOnce(() => {
        wait_ms = BACK_OFF_MIN_MS;
      }).catch((error: unknown) => problemOf(error, this.#options));
      this.#entity = undefined;
      this.#onLost();
      if (signal.aborted) return;
      log.warn({ problem: problem.sentence, service }, "xmpp-lost");
      this.#change({ kind: "connecting", problem: problem.sentence });
      const pause_ms = problem.refused ? Math.max(REFUSED_WAIT_MS, wait_ms) : wait_ms;
      // Spread over half the time again, so that hubs of one server do not come back all at once.
      await delay(pause_ms * (1 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      wait_ms = Math.min(BACK_OFF_MAX_MS, wait_ms * 2);
    }
  }

  /** Connects and stays until the link is lost; resolves with why. */
  async #connectOnce(onOnline: () => void): Promise<Problem> {
    const { service, domain, secret, log, now } = this.#options;
    const { signal } = this.#stop;
    const entity = component({ service, domain, password: secret });
    entity.reconnect.stop();
    // The library's own answers to stanzas go: they throw on JIDs they cannot read, and answer what we answer.
    entity.removeAllListeners("element");
    let problem: Problem | undefined;
    const note = (error: unknown): void => {
      problem ??= problemOf(error, this.#options);
    };
    this.#drop = (does) => {
      problem ??= { sentence: `The XMPP server at ${service} ${does}.`, refused: false };
      entity.socket?.destroy();
    };
    feedWholeTags(entity, note);
    this.#entity = entity;
    const lost = Promise.withResolvers<void>();
    entity.on("disconnect", () => lost.resolve());
    entity.on("error", note);
    entity.on("connect", () => {
      // 43 ms a notification without the first; torn characters without the second.
      entity.socket?.setNoDelay(true).setEncoding("utf8");
      entity.socket?.setKeepAlive(true, 30_000);
    });
    entity.on("stanza", this.#onStanza);
    const timer = setTimeout(
      () => this.#drop(`did not let ${domain} in within ${HANDSHAKE_TIMEOUT_MS / 1_000} seconds`),
      HANDSHAKE_TIMEOUT_MS,
    );
    entity.on("online", () => {
      clearTimeout(timer);
      if (signal.aborted) return;
      onOnline();
      log.info({ service, domain }, "xmpp-online");
      this.#change({ kind: "online", domain, since: now() });
    });
    let goodbye: NodeJS.Timeout | undefined;
    const leave = (): void => {
      entity.socket?.end("</stream:stream>");
      goodbye = setTimeout(() => entity.socket?.destroy(), CLOSE_TIMEOUT_MS);
    };
    signal.addEventListener("abort", leave, { once: true });
    // Not waited for by itself: a socket that is destroyed while it connects leaves this promise as it is.
    open(entity, service, domain).catch((error: unknown) => {
      note(error);
      if (entity.socket === null) lost.resolve();
      else entity.socket.destroy();
    });
    await lost.promise;
    clearTimeout(timer);
    clearTimeout(goodbye);
    signal.removeEventListener("abort", leave);
    return problem ?? { sentence: `The connection to the XMPP server at ${service} was lost.`, refused: false };
  }
}

async function open(entity: Component, service: string, domain: string): Promise<void> {
  await entity.connect(service);
  await entity.open({ domain });
}

/** Why `xml` must not be written as one stanza. */
export function whyNotStanza(xml: string): Refusal | undefined {
  if (xml.length > STANZA_BYTES_MAX / 3 && Buffer.byteLength(xml) > STANZA_BYTES_MAX) {
    const bytes = Buffer.byteLength(xml);
    return refuse("too-large", `Expected a stanza of at most ${STANZA_BYTES_MAX} bytes, but it has ${bytes}.`);
  }
  return isXmlText(xml)
    ? undefined
    : refuse("invalid", "Expected text that XML can carry, but it has a control character or half a character.");
}

/**
 * Hands what comes in to the parser up to the end of a tag each time: it takes quadratic time for text whose end it
 * does not see. And a parser that throws, or data after the end of a stream, must not end the process.
 */
function feedWholeTags(entity: Component, note: (error: unknown) => void): void {
  const take = entity._onData.bind(entity);
  let held = "";
  entity._onData = (data) => {
    if (entity.parser === null) return;
    const text = data.toString();
    const end = text.lastIndexOf(">") + 1;
    const whole = end === 0 ? "" : held + text.slice(0, end);
    held = end === 0 ? held + text : text.slice(end);
    try {
      if (whole !== "") take(whole);
      if (held.length > HELD_LENGTH_MAX) throw new Error(`more than ${HELD_LENGTH_MAX} characters without a tag`);
    } catch (error) {
      note(error);
      entity.socket?.destroy();
    }
  };
}

function problemOf(error: unknown, { service, domain }: StreamOptions): Problem {
  const { condition, code, message } = (error ?? {}) as {
    readonly condition?: string;
    readonly code?: string;
    readonly message?: string;
  };
  switch (condition) {
    case "not-authorized":
      return {
        sentence: `The XMPP server at ${service} does not accept the secret for ${domain}; make XMPP_SECRET the same as the component's secret there.`,
        refused: true,
      };
    case "host-unknown":
      return {
        sentence: `The XMPP server at ${service} has no component ${domain}; add it to the server's configuration, or correct XMPP_DOMAIN.`,
        refused: true,
      };
    case "conflict":
      return {
        sentence: `Another program is connected as ${domain} at ${service}; stop it first.`,
        // It may be this hub's own last connection, which the server has not given up yet.
        refused: false,
      };
    default:
      break;
  }
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EHOSTUNREACH" || code === "ETIMEDOUT") {
    return {
      sentence: `The XMPP server at ${service} cannot be reached (${code}); start it, or correct XMPP_SERVICE.`,
      refused: false,
    };
  }
  const why = condition ?? code ?? message ?? "unknown";
  return { sentence: `The connection to the XMPP server at ${service} failed (${why}).`, refused: false };
}
