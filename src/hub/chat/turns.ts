import type { BareJid } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** LIMIT: what one JID has under way and waiting at a time; what comes on top is not taken. */
const WAITING_MAX = 10;

/** What one JID has under way: each begins when the one before has ended. */
interface Line {
  waiting: number;
  last: Promise<unknown>;
  running: AbortController | undefined;
}

// Gone with the process: who waits for an answer asks again.
const lines = new WeakMap<HubPorts, Map<BareJid, Line>>();

function linesOf(hub: HubPorts): Map<BareJid, Line> {
  const known = lines.get(hub) ?? new Map<BareJid, Line>();
  lines.set(hub, known);
  return known;
}

/**
 * Does `work` for a JID when all that came from it before is done, so that it is answered in order and one at a time;
 * the signal is aborted by {@link stopTurn}. Undefined when too much is waiting already.
 */
export function inTurn<T>(
  hub: HubPorts,
  jid: BareJid,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> | undefined {
  const known = linesOf(hub);
  const line = known.get(jid) ?? { waiting: 0, last: Promise.resolve(), running: undefined };
  if (line.waiting >= WAITING_MAX) return undefined;
  known.set(jid, line);
  line.waiting++;
  const turn = line.last.then(async () => {
    line.running = new AbortController();
    try {
      return await work(line.running.signal);
    } finally {
      line.running = undefined;
      if (--line.waiting === 0) known.delete(jid);
    }
  });
  // Whoever asked hears of a failure; the next in line does not.
  line.last = turn.catch(() => undefined);
  return turn;
}

/** Gives up what is being done for a JID; whether there was anything. */
export function stopTurn(hub: HubPorts, jid: BareJid): boolean {
  const running = linesOf(hub).get(jid)?.running;
  running?.abort();
  return running !== undefined;
}
