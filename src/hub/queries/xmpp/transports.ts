import { isRefusal, type Refusal, refuse } from "../../../outcome/refusal.ts";
import type { Iri } from "../../../rdf/iri.ts";
import type { RemoteDocuments } from "../../ports/hub-ports.ts";
import type { RemoteQueries, RemoteQuestion } from "../../ports/remote-queries.ts";
import type { XmppQueries } from "./xmpp-queries.ts";

/** LIMIT: milliseconds for a document over XMPP. */
const DOCUMENT_TIMEOUT_MS = 15_000;
/** How long a hub that HTTP did not reach is asked over XMPP first. */
const XMPP_FIRST_MS = 10 * 60_000;
/** LIMIT: hubs that this is remembered of. */
const HUBS_MAX = 5_000;

/** Asks over HTTP, and over XMPP where HTTP reaches nobody: a hub behind NAT, or on a private address. */
export class RemoteTransports implements RemoteQueries {
  readonly #http: RemoteQueries;
  readonly #xmpp: XmppQueries;
  readonly #xmppFirst = new Map<string, number>();

  constructor(http: RemoteQueries, xmpp: XmppQueries) {
    this.#http = http;
    this.#xmpp = xmpp;
  }

  async ask(question: RemoteQuestion): ReturnType<RemoteQueries["ask"]> {
    const { to, signal } = question;
    if ("endpoint" in to && /^xmpp:/i.test(to.endpoint)) return await this.#xmpp.ask(question);
    const hub = "hub" in to ? to.hub : hubOf(to.endpoint);
    if (hub === undefined) return await this.#http.ask(question);
    return await this.#firstThatReaches(hub, signal, (transport) =>
      transport.ask(transport === this.#xmpp ? { ...question, to: { hub } } : question),
    );
  }

  async describe(hub: Iri, signal: AbortSignal, etag?: string): ReturnType<RemoteQueries["describe"]> {
    return await this.#firstThatReaches(hub, signal, async (transport) => {
      const said = await transport.describe(hub, signal, etag);
      if (transport === this.#http && "quads" in said) this.#xmpp.learn(hub, said.quads);
      return said;
    });
  }

  async #firstThatReaches<T extends object>(
    hub: Iri,
    signal: AbortSignal,
    ask: (transport: RemoteQueries) => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    if ((this.#xmppFirst.get(hub) ?? 0) > Date.now()) {
      const answer = await ask(this.#xmpp);
      if (!isRefusal(answer) || !isUnreached(answer)) return answer;
      this.#xmppFirst.delete(hub);
      if (signal.aborted) return answer;
    }
    const overHttp = await ask(this.#http);
    if (!isRefusal(overHttp) || !isUnreached(overHttp) || signal.aborted) return overHttp;
    if (!this.#xmpp.reaches(hub)) return overHttp;
    const overXmpp = await ask(this.#xmpp);
    if (isRefusal(overXmpp) && isUnreached(overXmpp)) {
      return refuse(overHttp.code, `${overHttp.message} Over XMPP: ${overXmpp.message}`, overHttp.detail);
    }
    if (this.#xmppFirst.size >= HUBS_MAX) this.#xmppFirst.clear();
    this.#xmppFirst.set(hub, Date.now() + XMPP_FIRST_MS);
    return overXmpp;
  }
}

/** Reads documents over HTTP, and over XMPP those of a hub that HTTP does not reach: so it can be followed, too. */
export function documentsOverEither(http: RemoteDocuments, xmpp: XmppQueries): RemoteDocuments {
  return {
    rdf: async (url, signal) => {
      const overHttp = await http.rdf(url, signal);
      if (!isRefusal(overHttp) || !isUnreached(overHttp) || signal?.aborted === true) return overHttp;
      const late = AbortSignal.timeout(DOCUMENT_TIMEOUT_MS);
      const quads = await xmpp.document(url, signal === undefined ? late : AbortSignal.any([late, signal]));
      if (!isRefusal(quads)) return { url, quads };
      // A hub that did not answer in time may be there all the same: nobody may take it for none.
      const { code, detail } = quads.code === "timed-out" || quads.code === "unavailable" ? quads : overHttp;
      return refuse(code, `${overHttp.message} Over XMPP: ${quads.message}`, detail);
    },
    webfinger: (...asked) => http.webfinger(...asked),
  };
}

/** The hub whose endpoint an address would be. */
function hubOf(endpoint: Iri): Iri | undefined {
  return /^https?:.*\/sparql$/.test(endpoint) ? (endpoint.slice(0, -"sparql".length) as Iri) : undefined;
}

/** Whether a transport found nobody, as opposed to somebody who said no; a private address is nobody, too. */
export function isUnreached({ code, detail }: Refusal): boolean {
  return code === "remote-unreachable" || detail?.["address"] === "private";
}
