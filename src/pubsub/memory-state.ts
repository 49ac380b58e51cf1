import type { ItemId } from "../core/item-id.ts";
import type { BareJid } from "../core/jid.ts";
import { bareOf } from "../core/jid.ts";
import type {
  Affiliation,
  Contact,
  NodeId,
  Page,
  PageRequest,
  PresenceView,
  PubsubChange,
  PubsubItem,
  PubsubNode,
  PubsubState,
  Subscription,
} from "./state.ts";

/** The state in memory: what the contract of {@link PubsubState} means, and what tests run the core on. */
export class MemoryPubsubState implements PubsubState {
  presence?: PresenceView;
  readonly #nodes = new Map<string, PubsubNode>();
  readonly #affiliations = new Map<string, Affiliation>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #items = new Map<string, PubsubItem>();
  readonly #redirects = new Map<string, string>();
  readonly #contacts = new Map<string, Contact>();

  /** Applies one change. */
  apply(change: PubsubChange): void {
    switch (change.kind) {
      case "node-put":
        this.#nodes.set(key(change.node.service, change.node.id), change.node);
        this.#redirects.delete(key(change.node.service, change.node.id));
        break;
      case "node-removed":
        this.#nodes.delete(key(change.service, change.node));
        for (const map of [this.#affiliations, this.#subscriptions, this.#items]) {
          for (const each of [...map.keys()])
            if (each.startsWith(key(change.service, change.node, ""))) map.delete(each);
        }
        if (change.redirect === undefined) this.#redirects.delete(key(change.service, change.node));
        else this.#redirects.set(key(change.service, change.node), change.redirect);
        break;
      case "items-removed":
        for (const each of [...this.#items.keys()])
          if (each.startsWith(key(change.service, change.node, ""))) this.#items.delete(each);
        break;
      case "contact-put":
        this.#contacts.set(key(change.service, change.jid), {
          groups: change.groups,
          ...(change.asked === true ? { asked: true } : {}),
        });
        break;
      case "contact-removed":
        this.#contacts.delete(key(change.service, change.jid));
        break;
      case "affiliation-put":
        this.#affiliations.set(key(change.service, change.node, change.jid), change.affiliation);
        break;
      case "subscription-put": {
        const { service, node, jid, subid } = change.subscription;
        this.#subscriptions.set(key(service, node, jid, subid), change.subscription);
        break;
      }
      case "subscription-removed":
        this.#subscriptions.delete(key(change.service, change.node, change.jid, change.subid));
        break;
      case "item-put":
        this.#items.set(key(change.item.service, change.item.node, change.item.id), change.item);
        break;
      case "item-removed":
        this.#items.delete(key(change.service, change.node, change.id));
        break;
    }
  }

  node(service: BareJid, id: NodeId): PubsubNode | undefined {
    return this.#nodes.get(key(service, id));
  }

  nodes(service: BareJid): readonly PubsubNode[] {
    return [...this.#nodes.values()].filter((node) => node.service === service).sort((a, b) => compare(a.id, b.id));
  }

  affiliation(service: BareJid, node: NodeId, jid: BareJid): Affiliation {
    return this.#affiliations.get(key(service, node, jid)) ?? "none";
  }

  affiliations(service: BareJid, node: NodeId) {
    return this.#kept()
      .filter((each) => each.service === service && each.node === node)
      .map(({ jid, affiliation }) => ({ jid, affiliation }))
      .sort((a, b) => compare(a.jid, b.jid));
  }

  affiliationsOf(service: BareJid, jid: BareJid) {
    return this.#kept()
      .filter((each) => each.service === service && each.jid === jid)
      .map(({ node, affiliation }) => ({ node, affiliation }))
      .sort((a, b) => compare(a.node, b.node));
  }

  #kept() {
    return [...this.#affiliations]
      .filter(([, affiliation]) => affiliation !== "none")
      .map(([at, affiliation]) => {
        const [service, node, jid] = at.split("\u0000") as [BareJid, NodeId, BareJid];
        return { service, node, jid, affiliation };
      });
  }

  redirect(service: BareJid, node: NodeId): string | undefined {
    return this.#redirects.get(key(service, node));
  }

  contact(service: BareJid, jid: BareJid): Contact | undefined {
    return this.#contacts.get(key(service, jid));
  }

  subscriptions(service: BareJid, node: NodeId): readonly Subscription[] {
    return [...this.#subscriptions.values()]
      .filter((each) => each.service === service && each.node === node)
      .sort((a, b) => compare(a.created, b.created) || compare(a.jid, b.jid) || compare(a.subid, b.subid));
  }

  subscriptionsOf(service: BareJid, jid: BareJid): readonly Subscription[] {
    return [...this.#subscriptions.values()]
      .filter((each) => each.service === service && bareOf(each.jid) === jid)
      .sort((a, b) => compare(a.node, b.node) || compare(a.jid, b.jid) || compare(a.subid, b.subid));
  }

  item(service: BareJid, node: NodeId, id: ItemId): PubsubItem | undefined {
    return this.#items.get(key(service, node, id));
  }

  items(service: BareJid, node: NodeId, page: PageRequest): Page<PubsubItem> | undefined {
    const time = (item: PubsubItem): string => (page.order === "creation" ? item.published : item.updated);
    const all = [...this.#items.values()]
      .filter((item) => item.service === service && item.node === node)
      .filter((item) => page.since === undefined || item.updated > page.since)
      .filter((item) => page.until === undefined || item.updated <= page.until)
      .sort((a, b) => compare(time(b), time(a)) || compare(b.id, a.id));
    if (page.oldestFirst === true) all.reverse();
    const count = all.length;
    const at = (id: string): number => all.findIndex((item) => item.id === id);
    let from = 0;
    let to = Math.min(count, page.max);
    if (page.after !== undefined) {
      if (at(page.after) < 0) return undefined;
      from = at(page.after) + 1;
      to = Math.min(count, from + page.max);
    } else if (page.before !== undefined) {
      if (page.before !== "" && at(page.before) < 0) return undefined;
      to = page.before === "" ? count : at(page.before);
      from = Math.max(0, to - page.max);
    }
    const backwards = page.before !== undefined && page.after === undefined;
    const items = all.slice(from, to);
    const complete = backwards ? from === 0 : to === count;
    return { items, firstIndex: items.length === 0 ? 0 : from, count, complete };
  }
}

function key(...parts: readonly string[]): string {
  return parts.join("\u0000");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
