import { epochMs } from "../../core/instant.ts";
import { type BareJid, bareOf, type Jid } from "../../core/jid.ts";
import type { NodeId, PresenceView, Show } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** LIMIT: people remembered over all services, resources of each, answers about capabilities. */
const PEOPLE_MAX = 50_000;
const RESOURCES_MAX = 20;
const CAPS_MAX = 1_000;
/** LIMIT: presence stanzas of one bare JID that are looked at in a minute; and of how many JIDs that is counted. */
const STANZAS_PER_MINUTE_MAX = 120;
const COUNTED_MAX = 10_000;

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
  readonly #counted = new Map<BareJid, { readonly minute: number; stanzas: number }>();

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

  interests(service: BareJid, jid: Jid): ReadonlySet<string> {
    return this.#people.get(key(service, bareOf(jid)))?.resources.get(jid)?.interests ?? NOTHING;
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
    dropOldest(this.#caps, CAPS_MAX);
    this.#caps.set(name, interests);
  }

  /** Whether one more stanza of a JID is looked at, at a time. */
  admits(jid: BareJid, now_ms: number): boolean {
    const minute = Math.floor(now_ms / 60_000);
    const present = this.#counted.get(jid);
    if (present?.minute === minute) return ++present.stanzas <= STANZAS_PER_MINUTE_MAX;
    this.#counted.delete(jid);
    dropOldest(this.#counted, COUNTED_MAX);
    this.#counted.set(jid, { minute, stanzas: 1 });
    return true;
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

/** A map keeps its order: what came first goes first. */
function dropOldest(map: Map<string, unknown>, size_max: number): void {
  const [oldest] = map.keys();
  if (map.size >= size_max && oldest !== undefined) map.delete(oldest);
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
