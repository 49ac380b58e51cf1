import { epochMs } from "../../core/instant.ts";
import { type BareJid, bareOf, type Jid } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { CommandValues } from "./command-form.ts";

/** LIMIT: how long a command waits for its next step, how many wait on this hub, and how many for one JID. */
const SESSION_MS = 10 * 60_000;
const SESSIONS_MAX = 1_000;
const SESSIONS_OF_JID_MAX = 5;
/** LIMIT: sessions that are over whose ids are remembered, so that the late are told so. */
const ENDED_MAX = 1_000;

/** A command under way (XEP-0050 §3.3): whose, where, and what was filled in so far, by stage. */
export interface CommandSession {
  readonly id: string;
  readonly node: string;
  readonly by: Jid;
  readonly service: BareJid;
  stage: number;
  readonly filled: CommandValues[];
  until_ms: number;
}

interface Sessions {
  readonly open: Map<string, CommandSession>;
  readonly ended: Set<string>;
}

// Gone with the process: who was in the middle begins anew.
const sessions = new WeakMap<HubPorts, Sessions>();

function sessionsOf(hub: HubPorts): Sessions {
  const known = sessions.get(hub) ?? { open: new Map<string, CommandSession>(), ended: new Set<string>() };
  sessions.set(hub, known);
  const now_ms = epochMs(hub.now());
  // In order of their ends, since each step puts its session last.
  for (const session of known.open.values()) {
    if (session.until_ms > now_ms) break;
    end(known, session);
  }
  return known;
}

function end({ open, ended }: Sessions, { id }: CommandSession): void {
  open.delete(id);
  ended.add(id);
  const [oldest] = ended;
  if (ended.size > ENDED_MAX && oldest !== undefined) ended.delete(oldest);
}

/** Begins a session; one too many of a JID, or of all, takes the place of its oldest. */
export function openSession(hub: HubPorts, node: string, by: Jid, service: BareJid): CommandSession {
  const known = sessionsOf(hub);
  const own = [...known.open.values()].filter((each) => bareOf(each.by) === bareOf(by));
  const [oldest] = own.length >= SESSIONS_OF_JID_MAX ? own : known.open.size >= SESSIONS_MAX ? known.open.values() : [];
  if (oldest !== undefined) end(known, oldest);
  const until_ms = epochMs(hub.now()) + SESSION_MS;
  const session = { id: hub.newSecret(12), node, by, service, stage: 0, filled: [], until_ms };
  known.open.set(session.id, session);
  return session;
}

/** Keeps a session that goes on. */
export function keepSession(hub: HubPorts, session: CommandSession): void {
  const { open } = sessionsOf(hub);
  open.delete(session.id);
  session.until_ms = epochMs(hub.now()) + SESSION_MS;
  open.set(session.id, session);
}

/** Ends a session. */
export function endSession(hub: HubPorts, session: CommandSession): void {
  end(sessionsOf(hub), session);
}

/**
 * The session of that id, when it is that of the very client, command and place; `expired` when it is over, undefined
 * for all others, whether or not they are somebody else's.
 */
export function sessionOf(
  hub: HubPorts,
  id: string,
  { node, by, service }: Pick<CommandSession, "node" | "by" | "service">,
): CommandSession | "expired" | undefined {
  const { open, ended } = sessionsOf(hub);
  const found = open.get(id);
  if (found === undefined) return ended.has(id) ? "expired" : undefined;
  return found.by === by && found.node === node && found.service === service ? found : undefined;
}
