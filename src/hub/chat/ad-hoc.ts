import { type BareJid, bareOf, type Jid, localOf } from "../../core/jid.ts";
import type { DiscoItem } from "../../pubsub/disco.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { countDropped, mayTalk } from "./chat-guard.ts";
import { isHubOwner, OWNER_COMMAND_NAMES, ownerCommands } from "./owner-commands.ts";
import { PEOPLE_COMMAND_NAMES, peopleCommands } from "./people-commands.ts";
import { type AdHocReply, type AdHocStep, runStep, type StagedCommand } from "./run-command.ts";
import { talkerOf } from "./talker.ts";
import { inTurn, stopTurn } from "./turns.ts";

/** Where an ad-hoc command (XEP-0050) is, and what it is called. */
export interface AdHocCommand {
  readonly node: string;
  readonly name: string;
}

/** The command at a node; undefined when there is none. */
export function adHocCommand(node: string): AdHocCommand | undefined {
  return [...PEOPLE_COMMAND_NAMES, ...OWNER_COMMAND_NAMES].find((command) => command.node === node);
}

/** The commands that `actor` may run at `jid`, as disco#items lists them (XEP-0050 §2.2). */
export function adHocItems(hub: HubPorts, jid: BareJid, actor: Jid): readonly DiscoItem[] {
  const talker = talkerOf(hub, bareOf(actor), jid);
  const isPerson = talker !== undefined && !("sentence" in talker);
  const listed = [
    ...(isPerson ? PEOPLE_COMMAND_NAMES : []),
    ...(isOwnerAt(hub, jid, actor) ? OWNER_COMMAND_NAMES : []),
  ];
  return listed.map(({ node, name }) => ({ jid, node, name }));
}

function isOwnerAt(hub: HubPorts, service: BareJid, actor: Jid): boolean {
  return localOf(service) === undefined && isHubOwner(hub, bareOf(actor));
}

/**
 * Runs one step of a command: the hub's owner's for those, the others for linked JIDs. Everybody else gets `forbidden`
 * (XEP-0050 §4.4), floods `resource-constraint`. Those of one JID, and its chat, run one at a time.
 */
export async function runAdHoc(hub: HubPorts, step: AdHocStep, from: Jid, to: Jid): Promise<AdHocReply | PubsubError> {
  const jid = bareOf(from);
  const busy = { kind: "error", condition: "resource-constraint", text: "Too many commands; wait a minute." } as const;
  const service = bareOf(to);
  const commands = commandsFor(hub, step.node, from, service);
  if (typeof commands !== "function") return commands;
  if (mayTalk(hub, jid) !== "yes") {
    countDropped(hub, jid, "flood");
    return busy;
  }
  // A query that is running stands before its own end in the line.
  if (step.action === "cancel") stopTurn(hub, jid);
  const turn = inTurn(hub, jid, async (signal) => {
    const command = commands(signal).find(({ node }) => node === step.node);
    if (command === undefined) return { kind: "error", condition: "item-not-found" } as const;
    return await runStep(hub, command, step, from, service);
  });
  return (await turn) ?? busy;
}

/** The commands that there are for a client, one of which is `node`. */
function commandsFor(
  hub: HubPorts,
  node: string,
  from: Jid,
  service: BareJid,
): PubsubError | ((signal: AbortSignal) => readonly StagedCommand[]) {
  const isOwners = OWNER_COMMAND_NAMES.some((each) => each.node === node);
  if (isOwners && isOwnerAt(hub, service, from)) return () => ownerCommands(hub);
  const talker = isOwners ? undefined : talkerOf(hub, bareOf(from), service);
  if (talker === undefined) return { kind: "error", condition: "forbidden" };
  if ("sentence" in talker) return { kind: "error", condition: "not-acceptable", text: talker.sentence };
  return (signal) => peopleCommands(hub, talker, signal);
}
