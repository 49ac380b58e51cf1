import { SPARQL_BINDING_NS } from "../../../atom/sparql-results-xml.ts";
import { accountNameIn } from "../../../core/hub-iris.ts";
import { type BareJid, domainOf, localOf, parseBareJid } from "../../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../../outcome/refusal.ts";
import { type Iri, isIri } from "../../../rdf/iri.ts";
import type { Quad } from "../../../rdf/term.ts";
import { sterna } from "../../../vocab/sterna.ts";
import { void_ } from "../../../vocab/void.ts";
import type { RecordReader } from "../../ports/records.ts";
import type { RemoteAnswer, RemoteDescription, RemoteQueries, RemoteQuestion } from "../../ports/remote-queries.ts";
import type { SparqlSyntax } from "../../ports/sparql-syntax.ts";
import type { XmppLink } from "../../ports/xmpp-link.ts";

/** LIMIT: bytes and triples of a description, and of a document. */
const DESCRIPTION_BYTES_MAX = 1_024 * 1_024;
const DESCRIPTION_TRIPLES_MAX = 20_000;
const DOCUMENT_BYTES_MAX = 1_024 * 1_024;
const DOCUMENT_TRIPLES_MAX = 10_000;
/** How long a description is kept, the domain of a hub that was found or told by itself, that one has none or wants to be left alone. */
const DESCRIPTION_FRESH_MS = 60_000;
const DOMAIN_FRESH_MS = 3_600_000;
const TOLD_FRESH_MS = 24 * 3_600_000;
const NO_DOMAIN_FRESH_MS = 60_000;
const PAUSE_MS = 5_000;
/** LIMIT: hubs that something is remembered of. */
const HUBS_MAX = 5_000;

/** What asking over XMPP needs. */
export interface XmppQueriesOptions {
  readonly xmpp: XmppLink;
  readonly reader: RecordReader;
  readonly sparql: Pick<SparqlSyntax, "documentRequest">;
  /** This hub's own base, which marks its questions. */
  readonly base: Iri;
}

interface Known {
  readonly domain: BareJid | Refusal;
  readonly until_ms: number;
}

/** Asks other hubs by SPARQL in an IQ at their XMPP domain: also those that have no public HTTP. */
export class XmppQueries implements RemoteQueries {
  readonly #options: XmppQueriesOptions;
  readonly #domains = new Map<string, Known>();
  readonly #pauses = new Map<string, number>();

  constructor(options: XmppQueriesOptions) {
    this.#options = options;
  }

  async ask({ to, query, kind, signal, bytes_max, rows_max }: RemoteQuestion): Promise<RemoteAnswer | Refusal> {
    const shown = "hub" in to ? to.hub : to.endpoint;
    const domain = "hub" in to ? await this.#domainOf(to.hub, signal) : serviceIn(to.endpoint);
    if (isRefusal(domain)) return domain;
    const answer = await this.#ask(domain, shown, { text: query, bytes_max, rows_max }, signal);
    if (isRefusal(answer) || answer.kind === kind) return answer;
    const expected = { quads: "triples", bindings: "rows", boolean: "yes or no" }[kind];
    return refuse("remote-refused", `Expected ${expected} of ${shown}, but got ${answer.kind}.`);
  }

  async describe(hub: Iri, signal: AbortSignal): Promise<RemoteDescription | Refusal> {
    const domain = await this.#domainOf(hub, signal);
    if (isRefusal(domain)) return domain;
    const limits = { bytes_max: DESCRIPTION_BYTES_MAX, rows_max: DESCRIPTION_TRIPLES_MAX };
    const answer = await this.#ask(domain, hub, { text: "", ...limits }, signal);
    if (isRefusal(answer)) return answer;
    if (answer.kind !== "quads") return refuse("remote-refused", `Expected triples of ${hub}, but got ${answer.kind}.`);
    return { quads: answer.quads, fresh_ms: DESCRIPTION_FRESH_MS };
  }

  /** Takes the XMPP domain of a hub from what it says of itself over HTTP, for when that no longer reaches it. */
  learn(hub: Iri, description: readonly Quad[]): void {
    const endpoints = description.filter(({ predicate }) => predicate.equals(void_.sparqlEndpoint));
    const dataset = endpoints.find(({ object }) => object.value === `${hub}sparql`)?.subject;
    for (const { subject, object } of endpoints) {
      const domain = subject.equals(dataset) ? serviceIn(object.value) : undefined;
      if (domain === undefined || isRefusal(domain)) continue;
      this.#remember(this.#domains, hub, { domain, until_ms: Date.now() + TOLD_FRESH_MS });
    }
  }

  /** Reads one document of the hub whose XMPP domain is the host of its IRI. */
  async document(url: Iri, signal: AbortSignal): Promise<readonly Quad[] | Refusal> {
    const domain = await this.#domainOfHost(url, signal);
    if (isRefusal(domain)) return domain;
    const text = this.#options.sparql.documentRequest(url);
    const limits = { bytes_max: DOCUMENT_BYTES_MAX, rows_max: DOCUMENT_TRIPLES_MAX };
    const answer = await this.#ask(domain, url, { text, ...limits }, signal);
    if (isRefusal(answer)) return answer;
    if (answer.kind === "quads" && answer.quads.length > 0) return answer.quads;
    return refuse("not-found", `${url} is no document of ${domain}.`);
  }

  /** Whether there is a link at all, and nothing known against this hub. */
  reaches(hub: Iri): boolean {
    if (this.#options.xmpp.status.kind !== "online") return false;
    const known = this.#known(hub);
    return known === undefined || !isRefusal(known);
  }

  async #ask(
    domain: BareJid,
    shown: string,
    question: { readonly text: string; readonly bytes_max: number; readonly rows_max: number },
    signal: AbortSignal,
  ): Promise<RemoteAnswer | Refusal> {
    const left_s = Math.ceil(((this.#pauses.get(domain) ?? 0) - Date.now()) / 1_000);
    if (left_s > 0) {
      const sentence = `${shown} asked for a pause, which lasts ${left_s} seconds still.`;
      return refuse("unavailable", sentence, { retryAfter_s: left_s });
    }
    const { xmpp, base } = this.#options;
    const answer = await xmpp.askSparql(domain, { ...question, askedBy: base }, signal);
    if (!isRefusal(answer)) return answer;
    if (answer.code === "unavailable" && answer.detail?.["condition"] === "resource-constraint") {
      this.#remember(this.#pauses, domain, Date.now() + PAUSE_MS);
    }
    return refuse(answer.code, `${shown}: ${answer.message}`, answer.detail);
  }

  #known(hub: Iri): BareJid | Refusal | undefined {
    const known = this.#domains.get(hub);
    return known !== undefined && known.until_ms > Date.now() ? known.domain : undefined;
  }

  async #domainOf(hub: Iri, signal: AbortSignal): Promise<BareJid | Refusal> {
    const known = this.#known(hub);
    if (known !== undefined) return known;
    const domain = await this.#find(hub, signal);
    // What was given up says nothing of the hub.
    if (isRefusal(domain) && (signal.aborted || domain.code === "unavailable")) return domain;
    const until_ms = Date.now() + (isRefusal(domain) ? NO_DOMAIN_FRESH_MS : DOMAIN_FRESH_MS);
    this.#remember(this.#domains, hub, { domain, until_ms });
    return domain;
  }

  /**
   * The XMPP domain of a hub: the one from which a followed account of it publishes as `name@domain`, which its page
   * said too; else its own host name, for which the XMPP servers vouch as HTTPS does. There it must say of itself that
   * it is this hub: nobody speaks for another one.
   */
  async #find(hub: Iri, signal: AbortSignal): Promise<BareJid | Refusal> {
    const { hostname } = new URL(hub);
    const candidates = new Set([...this.#followedDomains(hub), ...(hostname.startsWith("[") ? [] : [hostname])]);
    let no = refuse("remote-unreachable", `${hub} has no XMPP domain that is known here.`);
    for (const candidate of candidates) {
      const domain = parseBareJid(candidate);
      if (isRefusal(domain)) continue;
      const says = await this.#hubAt(domain, signal);
      if (says === hub) return domain;
      no = isRefusal(says) ? says : refuse("remote-unreachable", `${hub}: ${domain} is not that hub.`);
    }
    return no;
  }

  async #domainOfHost(url: Iri, signal: AbortSignal): Promise<BareJid | Refusal> {
    const domain = parseBareJid(new URL(url).hostname);
    const says = isRefusal(domain) ? domain : await this.#hubAt(domain, signal);
    if (isRefusal(domain) || isRefusal(says)) return isRefusal(says) ? says : domain;
    return url.startsWith(says) ? domain : refuse("remote-unreachable", `${url}: ${domain} is not that hub.`);
  }

  /** Which hub a domain says that it is, where it knows SPARQL over XMPP. */
  async #hubAt(domain: BareJid, signal: AbortSignal): Promise<string | Refusal> {
    const info = await this.#options.xmpp.discover(domain, undefined, signal);
    if (isRefusal(info)) return info;
    const form = info.forms.find(({ formType }) => formType === sterna.namespace);
    const says = form?.fields.find(({ name }) => name === "hub")?.values[0];
    return says !== undefined && isIri(says) && info.features.includes(SPARQL_BINDING_NS)
      ? says
      : refuse("remote-unreachable", `${domain} is no hub that knows SPARQL over XMPP.`);
  }

  #followedDomains(hub: Iri): readonly string[] {
    return this.#options.reader.upstreams().flatMap(({ account, service }) => {
      const isOwn = account.startsWith(hub) && localOf(service) === accountNameIn(hub, account);
      return isOwn && localOf(service) !== undefined ? [domainOf(service)] : [];
    });
  }

  #remember<T>(all: Map<string, T>, key: string, value: T): void {
    if (all.size >= HUBS_MAX) all.clear();
    all.set(key, value);
  }
}

/** The service of an `xmpp:` IRI. */
function serviceIn(endpoint: string): BareJid | Refusal {
  const text = /^xmpp:([^/?#]+)$/i.exec(endpoint)?.[1];
  return parseBareJid(text ?? "");
}
