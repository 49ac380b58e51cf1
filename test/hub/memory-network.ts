import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { documentOf } from "../../src/core/hub-iris.ts";
import { type BareJid, bareOf, domainOf, type Jid } from "../../src/core/jid.ts";
import { webfingerOf } from "../../src/hub/accounts/webfinger.ts";
import { receiveEvent } from "../../src/hub/following/receive-event.ts";
import { describeResource } from "../../src/hub/pages/describe-resource.ts";
import type { HubPorts, RemoteDocuments } from "../../src/hub/ports/hub-ports.ts";
import type { Delivery, OutboundEvent } from "../../src/hub/ports/records.ts";
import type {
  RemoteAnswer,
  RemoteDescription,
  RemoteQueries,
  RemoteQuestion,
} from "../../src/hub/ports/remote-queries.ts";
import type {
  ConfirmRequest,
  InboundEvent,
  OutboundPresence,
  SparqlAsk,
  XmppLink,
  XmppStatus,
} from "../../src/hub/ports/xmpp-link.ts";
import { describeService, listServiceItems } from "../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../src/hub/pubsub/handle-pubsub.ts";
import { runQuery } from "../../src/hub/queries/run-query.ts";
import { serviceDescription } from "../../src/hub/queries/service-description.ts";
import { answerSparql } from "../../src/hub/queries/xmpp/answer-iq.ts";
import { isRefusal, type Refusal, refuse } from "../../src/outcome/refusal.ts";
import type { DiscoInfo } from "../../src/pubsub/disco.ts";
import type { PubsubRequest } from "../../src/pubsub/request.ts";
import type { PubsubItem } from "../../src/pubsub/state.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { askSparql } from "../../src/xmpp/ask-sparql.ts";
import { decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { sparqlToXml } from "../../src/xmpp/encode/encode-sparql.ts";

/** The hubs that can reach each other, by their XMPP domain. They answer each other as they would any stranger. */
export type Network = Map<string, HubPorts>;

/** One question to another hub, as a test may look at it or answer it with a Refusal. */
export interface Question {
  readonly name:
    | "askSparql"
    | "affiliation"
    | "capabilities"
    | "discover"
    | "discoverItems"
    | "subscribe"
    | "unsubscribe"
    | "items"
    | "publish"
    | "retract";
  readonly jid: Jid;
  readonly detail?: unknown;
}

const online: XmppStatus = { kind: "online", domain: "test", since: "2026-01-01T00:00:00.000Z" as never };

/** The XMPP network in memory: questions go to the other hub's own use cases, pushes are kept until delivered. */
export class MemoryXmpp implements XmppLink {
  status: XmppStatus = online;
  readonly sent: Delivery[] = [];
  readonly presences: OutboundPresence[] = [];
  readonly receipts: { readonly to: Jid; readonly id: string }[] = [];
  readonly said: {
    readonly from: BareJid;
    readonly to: Jid;
    readonly body: string;
    readonly id?: string;
    readonly replaces?: string;
  }[] = [];
  readonly questions: Question[] = [];
  /** Answers given in the place of another hub's, by JID. */
  readonly infos = new Map<string, DiscoInfo>();
  /** Called before each question; what it refuses with is the answer. */
  before: (question: Question) => Refusal | undefined | Promise<Refusal | undefined> = () => undefined;
  /** Called while pushes are being written. */
  whileWriting: (deliveries: readonly Delivery[]) => void = () => undefined;
  readonly #domain: BareJid;
  readonly #network: Network;
  readonly #listeners = new Set<(status: XmppStatus) => void>();

  constructor(domain: string, network: Network) {
    this.#domain = domain as BareJid;
    this.#network = network;
  }

  become(kind: "online" | "connecting"): void {
    this.status = kind === "online" ? online : { kind };
    for (const listener of this.#listeners) listener(this.status);
  }

  onStatus(listener: (status: XmppStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async notify(deliveries: readonly Delivery[]): Promise<undefined | Refusal> {
    if (this.status.kind !== "online") return refuse("unavailable", "The link is down.");
    this.sent.push(...deliveries);
    this.whileWriting(deliveries);
    return undefined;
  }

  async sendPresence(presences: readonly OutboundPresence[]): Promise<undefined | Refusal> {
    if (this.status.kind !== "online") return refuse("unavailable", "The link is down.");
    this.presences.push(...presences);
    return undefined;
  }

  async sendReceipt(_from: BareJid, to: Jid, id: string): Promise<void> {
    this.receipts.push({ to, id });
  }

  async say(from: BareJid, to: Jid, body: string, id?: string, replaces?: string): Promise<undefined | Refusal> {
    if (this.status.kind !== "online") return refuse("unavailable", "The link is down.");
    const about = replaces === undefined ? {} : { replaces };
    this.said.push({ from, to, body, ...(id === undefined ? {} : { id }), ...about });
    return undefined;
  }

  async capabilities(_from: BareJid, jid: Jid): Promise<DiscoInfo | Refusal> {
    const no = await this.before({ name: "capabilities", jid });
    this.questions.push({ name: "capabilities", jid });
    return no ?? this.infos.get(jid) ?? refuse("remote-unreachable", `${jid} does not answer.`);
  }

  async askSparql(service: Jid, question: SparqlAsk) {
    const context = { now: "2026-01-01T00:00:00.000Z" as never, newItemId: () => "none" as never };
    return await askSparql(service, question, async (child) => {
      const hub = await this.#ask({ name: "askSparql", jid: service, detail: child });
      if (isRefusal(hub)) return hub;
      const addressed = { from: this.#domain, to: service };
      const incoming = decodeStanza(iqOf(child), addressed, context);
      if (incoming.kind !== "sparql") return refuse("remote-refused", `${service} answered with bad-request.`);
      const reply = await answerSparql(hub, incoming.question, addressed.from, addressed.to);
      if (reply.kind !== "error") return iqOf(sparqlToXml(reply));
      const { condition, text } = reply;
      return refuse("remote-refused", `${service} answered with ${condition}: ${text}`, { condition });
    });
  }

  /** What was asked to be confirmed, and how each JID answers; without an answer it was asked by a message. */
  readonly confirms: { readonly from: BareJid; readonly to: Jid; readonly request: ConfirmRequest }[] = [];
  confirming: (to: Jid) => Promise<"granted" | "denied" | "asked" | Refusal> = async () => "asked";

  async confirm(from: BareJid, to: Jid, request: ConfirmRequest) {
    if (this.status.kind !== "online") return refuse("unavailable", "The link is down.");
    this.confirms.push({ from, to, request });
    return await this.confirming(to);
  }

  async discover(jid: Jid, node?: string): Promise<DiscoInfo | Refusal> {
    const hub = await this.#ask({ name: "discover", jid });
    const instead = this.infos.get(jid);
    if (instead !== undefined) return instead;
    if (isRefusal(hub)) return hub;
    const info = describeService(hub, bareOf(jid), node);
    return "kind" in info ? refuse("not-found", `${jid} is not there.`) : info;
  }

  async discoverItems(jid: Jid, node: Parameters<XmppLink["discoverItems"]>[1], page: { readonly max: number }) {
    const hub = await this.#ask({ name: "discoverItems", jid, detail: page });
    if (isRefusal(hub)) return hub;
    const list = listServiceItems(hub, bareOf(jid), node, page as never, this.#domain);
    if ("kind" in list) return refuse("not-found", `There is no such item at ${jid}.`);
    const { items, count, firstIndex } = list;
    return { items, count, complete: firstIndex + items.length >= count };
  }

  async subscribe(service: BareJid, node: Parameters<XmppLink["subscribe"]>[1]) {
    const hub = await this.#ask({ name: "subscribe", jid: service });
    if (isRefusal(hub)) return hub;
    const reply = await handlePubsub(hub, { kind: "subscribe", service, node, jid: this.#domain }, this.#domain);
    return reply.kind === "subscribed" ? reply.subscription : refuse("remote-refused", `${service} said no.`);
  }

  async unsubscribe(service: BareJid, node: Parameters<XmppLink["subscribe"]>[1], subid: string | undefined) {
    const hub = await this.#ask({ name: "unsubscribe", jid: service });
    if (isRefusal(hub)) return hub;
    const one = subid === undefined ? {} : { subid };
    const request = { kind: "unsubscribe", service, node, jid: this.#domain, ...one } as const;
    const reply = await handlePubsub(hub, request, this.#domain);
    return reply.kind === "error" ? refuse("remote-refused", `${service} said no.`) : undefined;
  }

  async affiliation(from: BareJid, service: BareJid, node: Parameters<XmppLink["subscribe"]>[1]) {
    const hub = await this.#ask({ name: "affiliation", jid: service });
    return isRefusal(hub) ? hub : hub.records.reader.affiliation(service, node, from);
  }

  async publish(...[from, service, node, { id, payload }]: Parameters<XmppLink["publish"]>) {
    const now = "2026-06-01T12:00:00.000Z" as never;
    const item = { id, payload, published: now, updated: now };
    return await this.#tell("publish", from, { kind: "publish", service, node, item });
  }

  async retract(...[from, service, node, id]: Parameters<XmppLink["retract"]>) {
    return await this.#tell("retract", from, { kind: "retract", service, node, id, notify: true });
  }

  async #tell(name: Question["name"], from: BareJid, request: PubsubRequest): Promise<Refusal | undefined> {
    const hub = await this.#ask({ name, jid: request.service });
    if (isRefusal(hub)) return hub;
    const reply = await handlePubsub(hub, request, from);
    if (reply.kind !== "error") return undefined;
    const code = reply.condition === "item-not-found" ? "not-found" : "remote-refused";
    return refuse(code, `${request.service} said ${reply.condition}.`, { condition: reply.condition });
  }

  async items(service: BareJid, node: Parameters<XmppLink["items"]>[1], wanted: Parameters<XmppLink["items"]>[2]) {
    const hub = await this.#ask({ name: "items", jid: service, detail: wanted });
    if (isRefusal(hub)) return hub;
    const asked =
      "ids" in wanted ? { ids: wanted.ids, page: { max: 50, order: "creation" as const } } : { ids: [], ...wanted };
    const reply = await handlePubsub(hub, { kind: "items", service, node, ...asked }, this.#domain);
    if (reply.kind !== "items") return refuse("not-found", `There is no such item at ${service}.`);
    const { items, complete, count } = reply.page;
    return { items: items.map(inbound), complete, count };
  }

  /** The other hub, once the test had its look. */
  async #ask(question: Question): Promise<HubPorts | Refusal> {
    this.questions.push(question);
    const no = await this.before(question);
    if (no !== undefined) return no;
    const hub = this.#network.get(domainOf(question.jid));
    return hub ?? refuse("remote-unreachable", `${question.jid} does not answer.`);
  }
}

function iqOf(child: string): XmlElement {
  const iq = parseXml(`<iq type="get">${child}</iq>`);
  if (isRefusal(iq)) throw new Error(iq.message);
  return iq;
}

function inbound({ id, publisher, payload }: Pick<PubsubItem, "id" | "publisher" | "payload">) {
  const element = parseXml(payload);
  if (isRefusal(element)) throw new Error(element.message);
  return { id, publisher, payload: element };
}

function inboundOf({ id, publisher, payload }: Extract<OutboundEvent["event"], { kind: "items" }>) {
  return payload === undefined ? { id } : inbound({ id, publisher, payload });
}

/** A push as it arrives at the other hub. */
export function eventOf({ id, event, to, wantsReceipt }: Delivery): InboundEvent {
  const { service, node, event: told } = event;
  const items = told.kind === "items" ? [inboundOf(told)] : [];
  return {
    from: service,
    to,
    node,
    items,
    retracted: told.kind === "retract" ? [told.id] : [],
    ...(wantsReceipt ? { receiptWanted: `d${id}` } : {}),
  };
}

/** Delivers pushes to whom they are for. */
export async function deliver(network: Network, deliveries: readonly Delivery[]): Promise<void> {
  for (const delivery of deliveries) {
    const hub = network.get(domainOf(delivery.to));
    if (hub !== undefined) await receiveEvent(hub, eventOf(delivery));
  }
}

/** The web in memory: pages given by the test, else what the hubs of the network say of themselves. */
export class MemoryRemote implements RemoteDocuments {
  readonly pages = new Map<string, readonly Quad[]>();
  readonly fetched: string[] = [];
  readonly queries: MemoryQueries;
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
    this.queries = new MemoryQueries(network);
  }

  async rdf(url: Iri): Promise<{ readonly url: Iri; readonly quads: readonly Quad[] } | Refusal> {
    this.fetched.push(url);
    const page = this.pages.get(url);
    if (page !== undefined) return { url, quads: page };
    const hub = [...this.#network.values()].find(({ identity }) => url.startsWith(identity.base));
    if (hub === undefined) return refuse("remote-unreachable", `${url} does not answer.`);
    const described = await describeResource(hub, { kind: "anonymous" }, documentOf(url));
    return isRefusal(described) ? described : { url, quads: described.quads };
  }

  async webfinger(name: string, host: string) {
    const hub = [...this.#network.values()].find(({ identity }) => new URL(identity.base).host === host);
    if (hub === undefined) return refuse("remote-unreachable", `${host} does not answer.`);
    const found = webfingerOf(hub, `acct:${name}@${host}`);
    return isRefusal(found) ? found : found.links;
  }
}

/** Questions to other hubs in memory: each answers as it would a stranger. */
export class MemoryQueries implements RemoteQueries {
  readonly asked: RemoteQuestion[] = [];
  /** Answers given in the place of a hub's, by its base. */
  readonly answers = new Map<string, RemoteAnswer | Refusal>();
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  async ask(question: RemoteQuestion): Promise<RemoteAnswer | Refusal> {
    this.asked.push(question);
    const base = "hub" in question.to ? question.to.hub : question.to.endpoint.replace(/sparql$/, "");
    const instead = this.answers.get(base);
    if (instead !== undefined) return instead;
    const hub = [...this.#network.values()].find(({ identity }) => identity.base === base);
    if (hub === undefined) return refuse("remote-unreachable", `${base} does not answer.`);
    const answer = await runQuery(hub, { kind: "anonymous" }, question.query);
    if (isRefusal(answer)) return answer;
    if (answer.kind === "quads") return { kind: "quads", quads: await Array.fromAsync(answer.quads) };
    if (answer.kind === "boolean") return answer;
    return { kind: "bindings", variables: answer.variables, rows: await Array.fromAsync(answer.rows) };
  }

  async describe(base: Iri): Promise<RemoteDescription | Refusal> {
    const hub = [...this.#network.values()].find(({ identity }) => identity.base === base);
    if (hub === undefined) return refuse("remote-unreachable", `${base} does not answer.`);
    return { quads: await serviceDescription(hub), fresh_ms: 60_000 };
  }
}
