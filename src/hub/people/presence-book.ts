import { epochMs } from "../../core/instant.ts";
import { type BareJid, bareOf, type Jid } from "../../core/jid.ts";
import { TokenBuckets } from "../../core/token-buckets.ts";
import type { NodeId, PresenceView, Show } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** LIMIT: people remembered over all services, resources of each, answers about capabilities. */
const PEOPLE_MAX = 50_000;
const RESOURCES_MAX = 20;
const CAPS_MAX = 1_000;
/**
 * LIMIT: presence of one bare JID that is looked at. Less than what the door lets in: each may cost a question to its
 * program and a commit for what it is told.
 */
const RATE = { perSecond: 2, burst: 120, buckets_max: 10_000 } as const;

const NOTHING: ReadonlySet<string> = new Set();

interface Resource {
  readonly show: Show;
  /** What its presence says it can do; compared, so that what was asked about is still so when the answer comes. */
  readonly caps: string | undefined;
  readonly interests: ReadonlySet<string>;
}

interface Person {
  readonly service: BareJid;
  readonly jid: BareJid;
  readonly resources: Map<Jid, Resource>;
}

/**
 * Who is there, and what they want to be told of, as each service has heard. Only in memory: after a start, contacts
 * are asked again.
 */
export class PresenceBook implements PresenceView {
  readonly #people = new Map<string, Person>();
  readonly #byService = new Map<BareJid, Set<Person>>();
  readonly #caps = new Map<string, ReadonlySet<string>>();
  readonly #rates = new TokenBuckets(RATE);

  shown(service: BareJid, jid: BareJid): readonly { readonly jid: Jid; readonly show: Show }[] | undefined {
    const person = this.#people.get(key(service, jid));
    return person && [...person.resources].map(([resource, { show }]) => ({ jid: resource, show }));
  }

  interested(service: BareJid, node: NodeId): readonly Jid[] {
    const found: Jid[] = [];
    for (const { resources } of this.#byService.get(service) ?? []) {
      for (const [jid, { interests }] of resources) if (interests.has(node)) found.push(jid);
    }
    return found;
  }

  /** Notes that a resource is there; whether it was not before. Undefined when its person has too many of them. */
  put(service: BareJid, jid: Jid, show: Show, caps: string | undefined): { readonly isNew: boolean } | undefined {
    const person = this.#person(service, bareOf(jid));
    const before = person.resources.get(jid);
    if (before === undefined && person.resources.size >= RESOURCES_MAX) return undefined;
    const interests = before !== undefined && before.caps === caps ? before.interests : NOTHING;
    person.resources.set(jid, { show, caps, interests });
    return { isNew: before === undefined };
  }

  /** Notes what a resource wants to be told of, if it still says what was asked about; what of it is new. */
  learn(service: BareJid, jid: Jid, caps: string, interests: ReadonlySet<string>): ReadonlySet<string> {
    const resources = this.#people.get(key(service, bareOf(jid)))?.resources;
    const before = resources?.get(jid);
    if (resources === undefined || before?.caps !== caps) return NOTHING;
    resources.set(jid, { ...before, interests });
    return interests.difference(before.interests);
  }

  /** Notes that a resource has gone, or with a bare JID all of them; the person is known to be away. */
  gone(service: BareJid, jid: Jid): void {
    const person = this.#people.get(key(service, bareOf(jid)));
    if (jid === bareOf(jid)) person?.resources.clear();
    else person?.resources.delete(jid);
  }

  /** Forgets a person of whom no more will be heard. */
  forget(service: BareJid, jid: BareJid): void {
    const person = this.#people.get(key(service, jid));
    if (person === undefined) return;
    this.#people.delete(key(service, jid));
    this.#byService.get(service)?.delete(person);
  }

  /** What is known of capabilities by their hash. */
  caps(name: string): ReadonlySet<string> | undefined {
    return this.#caps.get(name);
  }

  keepCaps(name: string, interests: ReadonlySet<string>): void {
    // A map keeps its order: what came first goes first.
    const [oldest] = this.#caps.keys();
    if (this.#caps.size >= CAPS_MAX && oldest !== undefined) this.#caps.delete(oldest);
    this.#caps.set(name, interests);
  }

  /** Whether one more stanza of a JID is looked at, at a time. */
  admits(jid: BareJid, now_ms: number): boolean {
    return this.#rates.take(jid, now_ms);
  }

  #person(service: BareJid, jid: BareJid): Person {
    const present = this.#people.get(key(service, jid));
    if (present !== undefined) return present;
    if (this.#people.size >= PEOPLE_MAX) {
      const [oldest] = this.#people.values();
      if (oldest !== undefined) this.forget(oldest.service, oldest.jid);
    }
    const person: Person = { service, jid, resources: new Map() };
    this.#people.set(key(service, jid), person);
    const others = this.#byService.get(service) ?? new Set();
    this.#byService.set(service, others.add(person));
    return person;
  }
}

function key(service: BareJid, jid: BareJid): string {
  return `${service} ${jid}`;
}

// Gone with the process, as presence is.
const books = new WeakMap<HubPorts, PresenceBook>();

/** Who is there, as this hub has heard. */
export function presenceBook(hub: HubPorts): PresenceBook {
  const known = books.get(hub);
  if (known !== undefined) return known;
  const book = new PresenceBook();
  books.set(hub, book);
  hub.records.usePresence(book);
  return book;
}

/** Whether one more presence stanza of a JID is looked at. */
export function admitsPresence(hub: HubPorts, jid: BareJid): boolean {
  return presenceBook(hub).admits(jid, epochMs(hub.now()));
}
