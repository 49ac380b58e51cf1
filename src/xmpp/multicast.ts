import type { BareJid, Jid } from "../core/jid.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import { isRefusal } from "../outcome/refusal.ts";
import type { DiscoInfo } from "../pubsub/disco.ts";
import { attributes } from "./attributes.ts";
import { discoInfoOf, discoItemsOf } from "./decode/disco.ts";
import type { IqCaller } from "./iq-caller.ts";
import { NS } from "./namespaces.ts";

/** LIMIT: addresses of one stanza where the service names no number of its own (XEP-0033 §6), and the most we use. */
const ADDRESSES_USUAL = 20;
const ADDRESSES_MAX = 100;
/** LIMIT: components of a server that are asked whether they multicast. */
const COMPONENTS_MAX = 20;
/** LIMIT: hosts of which it is remembered whether they do, and for how long. */
const HOSTS_MAX = 1_000;
const REMEMBERED_MS = 3_600_000;
/** LIMIT: recipients who are remembered with the stanza they were told by, should the service send it back. */
const REMEMBERED_MAX = 1_000;

/** A service that hands one message to many (XEP-0033). */
export interface MulticastService {
  readonly jid: BareJid;
  /** How many addresses it takes in one stanza. */
  readonly addresses_max: number;
}

/** What is known of a server: asked now, asked and being tried with one stanza, without such a service, or with one. */
type Knowledge =
  | { readonly kind: "asked" | "none"; readonly since: number }
  | { readonly kind: "found" | "tried" | "proven"; readonly since: number; readonly service: MulticastService };

/**
 * Finds the multicast services of servers, first of the hub's own, and sees whether they do what they offer: one stanza
 * goes to a new one, and the next only when it did not come back. Nothing waits for that: until then each recipient
 * gets a stanza of its own.
 */
export class Multicast<R> {
  readonly #caller: IqCaller;
  readonly #domain: BareJid;
  readonly #log: Log;
  readonly #hosts = new Map<string, Knowledge>();
  readonly #stanzas = new Map<
    string,
    { readonly host: string; readonly service: BareJid; readonly to: readonly R[] }
  >();
  #remembered = 0;
  #count = 0;

  constructor(caller: IqCaller, domain: BareJid, log: Log) {
    this.#caller = caller;
    this.#domain = domain;
    this.#log = log;
  }

  /** The link is new: what was known of servers may have changed. */
  forget(): void {
    this.#hosts.clear();
    this.#stanzas.clear();
    this.#remembered = 0;
  }

  /** The service to use for recipients at `host`, and under which name its stanzas are known; undefined: none by now. */
  serviceFor(host: string): { readonly host: string; readonly service: MulticastService } | undefined {
    const own = this.#domain.slice(this.#domain.indexOf(".") + 1);
    for (const name of own === this.#domain ? [host] : [own, host]) {
      const known = this.#hosts.get(name);
      const isStale = known === undefined || Date.now() - known.since > REMEMBERED_MS;
      if (isStale) this.#ask(name);
      else if (known.kind === "found" || known.kind === "proven") return { host: name, service: known.service };
      // The hub's own server may do it for all: others are asked when it does not.
      if (isStale || known.kind !== "none") return undefined;
    }
    return undefined;
  }

  /** Whether a stanza of ours went through it. */
  isProven(host: string): boolean {
    return this.#hosts.get(host)?.kind === "proven";
  }

  /** A stanza goes to a service: its id. */
  begin(host: string, to: readonly R[]): string {
    const known = this.#hosts.get(host);
    const id = `m${++this.#count}`;
    if (known === undefined || !("service" in known)) return id;
    this.#stanzas.set(id, { host, service: known.service.jid, to });
    this.#remembered += to.length;
    for (const [oldest, { to: others }] of this.#stanzas) {
      if (this.#remembered <= REMEMBERED_MAX) break;
      this.#drop(oldest, others);
    }
    if (known.kind === "found") {
      this.#hosts.set(host, { ...known, kind: "tried" });
      // It answers in order: what it does not take is back before this is answered.
      setImmediate(() => void this.#prove(host, known.service));
    }
    return id;
  }

  /** A stanza came back: whom it was for, when that was said by the service itself. */
  refused(from: Jid, id: string, condition: string): readonly R[] | undefined {
    const stanza = this.#stanzas.get(id);
    if (stanza === undefined || stanza.service !== from) return undefined;
    this.#drop(id, stanza.to);
    this.#hosts.set(stanza.host, { kind: "none", since: Date.now() });
    this.#log.warn({ service: from, condition }, "multicast-refused");
    return stanza.to;
  }

  #drop(id: string, to: readonly R[]): void {
    this.#stanzas.delete(id);
    this.#remembered -= to.length;
  }

  async #prove(host: string, service: MulticastService): Promise<void> {
    const info = await this.#info(service.jid);
    const known = this.#hosts.get(host);
    if (known?.kind !== "tried" || known.service !== service) return;
    this.#hosts.set(host, { ...known, kind: info === undefined ? "none" : "proven" });
  }

  #ask(host: string): void {
    if (this.#hosts.size >= HOSTS_MAX) this.#hosts.clear();
    const asked = { kind: "asked", since: Date.now() } as const;
    this.#hosts.set(host, asked);
    void this.#find(host).then((service) => {
      // The link that was asked over may be gone.
      if (this.#hosts.get(host) !== asked) return;
      const since = Date.now();
      this.#hosts.set(host, service === undefined ? { kind: "none", since } : { kind: "found", since, service });
    });
  }

  /** The server itself, or the first of its components that multicasts. */
  async #find(host: string): Promise<MulticastService | undefined> {
    const own = serviceOf(host, await this.#info(host));
    if (own !== undefined) return own;
    const answer = await this.#caller.ask(this.#domain, host as Jid, "get", `<query xmlns="${NS.discoItems}"/>`);
    if (isRefusal(answer)) return undefined;
    const { items } = discoItemsOf(answer, { max: COMPONENTS_MAX, order: "creation" });
    const others = items.map(({ jid }) => jid).filter((jid) => jid !== this.#domain && !jid.includes("@"));
    const found = others.slice(0, COMPONENTS_MAX).map(async (jid) => {
      const service = serviceOf(jid, await this.#info(jid));
      if (service === undefined) throw new Error(`${jid} does not multicast`);
      return service;
    });
    // A component that says nothing keeps nobody waiting.
    return await Promise.any(found).catch(() => undefined);
  }

  async #info(jid: string): Promise<DiscoInfo | undefined> {
    const answer = await this.#caller.ask(this.#domain, jid as Jid, "get", `<query xmlns="${NS.discoInfo}"/>`);
    return isRefusal(answer) ? undefined : discoInfoOf(answer);
  }
}

function serviceOf(jid: string, info: DiscoInfo | undefined): MulticastService | undefined {
  if (info?.features.includes(NS.address) !== true) return undefined;
  // COMPAT: ejabberd (mod_multicast) says its limits in a form of this type when they are not the usual ones.
  const form = info.forms.find(({ formType }) => formType === NS.address);
  const [value] = form?.fields.find(({ name }) => name === "message")?.values ?? [];
  const most = value === "infinite" ? ADDRESSES_MAX : Number(value ?? ADDRESSES_USUAL);
  const usable = Number.isInteger(most) && most > 0 ? most : ADDRESSES_USUAL;
  return { jid: jid as BareJid, addresses_max: Math.min(ADDRESSES_MAX, usable) };
}

/** To whom a message is to be handed, so that none sees the others (XEP-0033 §4.1.3). */
export function addressesToXml(to: readonly Jid[]): string {
  return `<addresses xmlns="${NS.address}">${to.map((jid) => `<address${attributes({ type: "bcc", jid })}/>`).join("")}</addresses>`;
}
