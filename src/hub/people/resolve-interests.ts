import { type BareJid, domainOf, type Jid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { CAPS_HASHES, type Caps, notifiedNodes } from "../../pubsub/caps.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { presenceBook } from "./presence-book.ts";

/** LIMIT: questions about capabilities under way, of all and of the people of one domain. */
const ASKED_MAX = 200;
const ASKED_OF_DOMAIN_MAX = 20;
/** LIMIT: nodes that one program is told of, and the length of their names. */
const NODES_MAX = 100;
const NODE_LENGTH_MAX = 300;

interface Asked {
  readonly domain: string;
  readonly answer: Promise<ReadonlySet<string> | undefined>;
}

const underWay = new WeakMap<HubPorts, Map<string, Asked>>();

/**
 * The nodes that a program wants to be told of, by the hash in its presence (XEP-0115 §5.4): known from anybody who
 * has the same, or asked of `jid`. Undefined when it does not answer, or with something that has another hash; then
 * the next one with that hash is asked.
 */
export async function resolveInterests(
  hub: HubPorts,
  service: BareJid,
  jid: Jid,
  caps: Caps,
): Promise<ReadonlySet<string> | undefined> {
  // Without a hash it is of the old format, whose answers cannot be checked.
  if (caps.hash === undefined) return undefined;
  // An answer that cannot be checked is good for this one alone.
  const isChecked = CAPS_HASHES.has(caps.hash);
  const name = isChecked ? `${caps.hash} ${caps.ver}` : `${jid} ${caps.ver}`;
  const known = presenceBook(hub).caps(name);
  if (known !== undefined) return known;
  const waiting = underWay.get(hub) ?? new Map<string, Asked>();
  underWay.set(hub, waiting);
  // Each with the same hash waits for an answer of its own where the first one's was none.
  const before = await waiting.get(name)?.answer;
  if (before !== undefined) return before;
  const domain = domainOf(jid);
  const ofDomain = [...waiting.values()].filter((each) => each.domain === domain).length;
  if (waiting.size >= ASKED_MAX || ofDomain >= ASKED_OF_DOMAIN_MAX) return undefined;
  const answer = ask(hub, service, jid, caps, isChecked ? name : undefined);
  const asked: Asked = { domain, answer };
  waiting.set(name, asked);
  try {
    return await answer;
  } finally {
    if (waiting.get(name) === asked) waiting.delete(name);
  }
}

async function ask(
  hub: HubPorts,
  service: BareJid,
  jid: Jid,
  caps: Caps,
  name: string | undefined,
): Promise<ReadonlySet<string> | undefined> {
  const info = await hub.xmpp.capabilities(service, jid, caps);
  if (isRefusal(info)) {
    hub.log.warn({ from: jid, reason: info.message }, "capabilities-unknown");
    return undefined;
  }
  const nodes = [...notifiedNodes(info)].filter((node) => node.length <= NODE_LENGTH_MAX).slice(0, NODES_MAX);
  const interests = new Set(nodes);
  if (name !== undefined) presenceBook(hub).keepCaps(name, interests);
  return interests;
}
