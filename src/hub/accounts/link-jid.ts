import type { Account, AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { epochMs } from "../../core/instant.ts";
import { type BareJid, domainOf, localOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { ownAccount } from "./authenticate.ts";
import { updateAccount } from "./create-account.ts";

/** LIMIT: how long a code is good, and how many wrong ones end it. */
const CODE_MINUTES = 15;
const TRIES_MAX = 5;
/** LIMIT: codes under way on this hub, and sent for one account within their time: nobody is flooded through us. */
const CODES_MAX = 1_000;
const CODES_OF_ACCOUNT_MAX = 5;
/** Hex digits of a code: 40 bits. */
const CODE_LENGTH = 10;

interface Code {
  readonly account: AccountName;
  readonly code: string;
  readonly until_ms: number;
  tries: number;
}

// Gone with the process: who waits for a code asks for another one.
const codes = new WeakMap<HubPorts, Map<BareJid, Code>>();

function codesOf(hub: HubPorts): Map<BareJid, Code> {
  const known = codes.get(hub) ?? new Map<BareJid, Code>();
  codes.set(hub, known);
  const now_ms = epochMs(hub.now());
  for (const [jid, { until_ms }] of known) if (until_ms <= now_ms) known.delete(jid);
  return known;
}

/**
 * Sends a code to `text`, a JID that the account `name` says is its person's too; sent back from there it links it.
 * Refuses with `conflict` a JID that is linked already or waits for a code, with `too-many`, `unavailable`.
 */
export async function startLink(
  hub: HubPorts,
  by: Requester,
  name: string,
  text: string,
): Promise<{ readonly jid: BareJid; readonly minutes: number } | Refusal> {
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const jid = parseBareJid(text);
  if (isRefusal(jid)) return jid;
  const { account } = own;
  if (localOf(jid) === undefined || domainOf(jid) === hub.identity.domain) {
    return refuse("invalid", `Expected a person's JID at another server, but got "${jid}".`);
  }
  if (account.linkedJids.includes(jid)) return refuse("conflict", `${jid} is linked to "${account.name}" already.`);
  const known = codesOf(hub);
  if (known.has(jid)) {
    return refuse(
      "conflict",
      `A code was sent to ${jid} a short while ago; send that back, or wait ${CODE_MINUTES} minutes.`,
    );
  }
  const sent = [...known.values()].filter((code) => code.account === account.name).length;
  if (sent >= CODES_OF_ACCOUNT_MAX || known.size >= CODES_MAX) {
    return refuse("too-many", `Too many codes are under way; wait ${CODE_MINUTES} minutes.`);
  }
  const code = hub.hash(hub.newSecret(16)).slice(0, CODE_LENGTH);
  const until_ms = epochMs(hub.now()) + CODE_MINUTES * 60_000;
  known.set(jid, { account: account.name, code, until_ms, tries: 0 });
  const sentence = `The account ${account.name} of ${hub.identity.base} says that this is an address of its person. If so, send this code back within ${CODE_MINUTES} minutes, or give it to the program that asked: ${code}\nIf you did not ask for it, do nothing.`;
  const no = await hub.xmpp.say(hub.identity.domain as BareJid, jid, sentence);
  if (no === undefined) return { jid, minutes: CODE_MINUTES };
  known.delete(jid);
  return no;
}

/**
 * Takes a code that the account `name` was told at `text`: who reads what is sent there has it. Links that JID. Refuses
 * with `not-found` when none is under way for it, with `invalid` a wrong one.
 */
export async function endLink(
  hub: HubPorts,
  by: Requester,
  name: string,
  text: string,
  code: string,
): Promise<{ readonly jid: BareJid } | Refusal> {
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const jid = parseBareJid(text);
  if (isRefusal(jid)) return jid;
  const waiting = codesOf(hub).get(jid);
  if (waiting?.account !== own.account.name || waiting.code === "") {
    return refuse("not-found", `Expected a code to be under way for ${jid}, but there is none; ask for one.`);
  }
  if (code.trim().toLowerCase() !== waiting.code) return refuse("invalid", countTry(hub, jid, waiting));
  const linked = await linkAsked(hub, jid, waiting);
  return isRefusal(linked) ? linked : { jid };
}

/** One wrong code; the last of them ends it. The sentence that says so. */
function countTry(hub: HubPorts, jid: BareJid, waiting: Code): string {
  waiting.tries++;
  if (waiting.tries < TRIES_MAX) return "That is not the code that was sent to you; look again.";
  // It stays until its time is over, so that asking anew gives no more tries, but fits nothing any more.
  codesOf(hub).set(jid, { ...waiting, code: "" });
  return "That is not the code that was sent to you, and it is good no more; ask for another one later.";
}

async function linkAsked(hub: HubPorts, jid: BareJid, { account: name }: Code): Promise<Account | Refusal> {
  codesOf(hub).delete(jid);
  const account = hub.records.reader.account(name);
  if (account === undefined) return refuse("not-found", `There is no account "${name}" here any more.`);
  const by = { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account } as const;
  return await updateAccount(hub, by, account.name, { linkedJids: [...account.linkedJids, jid] });
}

/**
 * Takes a message of `jid` for a code, where one is waited for: the sentence that answers it; undefined when no code is
 * under way or the message does not look like one.
 */
export async function takeCode(hub: HubPorts, jid: BareJid, body: string): Promise<string | undefined> {
  const known = codesOf(hub);
  const waiting = known.get(jid);
  const given = body.trim().toLowerCase();
  if (waiting === undefined || waiting.code === "" || !/^[0-9a-f]{10}$/.test(given)) return undefined;
  if (given !== waiting.code) return countTry(hub, jid, waiting);
  const linked = await linkAsked(hub, jid, waiting);
  if (isRefusal(linked)) return linked.message;
  return `Linked: what you write to ${linked.jid} is posted as ${linked.name} from now on. Send help for what else there is.`;
}
