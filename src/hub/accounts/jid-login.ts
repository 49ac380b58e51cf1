import { accountIris } from "../../core/hub-iris.ts";
import { epochMs } from "../../core/instant.ts";
import { type BareJid, bareOf, type Jid, localOf, parseJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Confirmation } from "../ports/xmpp-link.ts";
import { issueToken } from "./create-account.ts";

/** LIMIT: how long a person may take to confirm, and how long what came of it is told. */
const LOGIN_MS = 5 * 60_000;
const TOLD_MS = 5 * 60_000;
/**
 * LIMIT: logins remembered; begun for one JID, from one address and by one proxy within their time: nobody is flooded
 * through us.
 */
const LOGINS_MAX = 5_000;
const LOGINS_OF_JID_MAX = 5;
const LOGINS_OF_ADDRESS_MAX = 30;
const LOGINS_OF_PROXY_MAX = 1_000;

type LoginState = "waiting" | "granted" | "denied" | "done";

/** Somebody over HTTP who says that a JID is theirs. */
interface Login {
  /** What the asker comes back with: known to nobody else. */
  readonly secret: string;
  /** Shown on both sides, so that a person confirms what they began. */
  readonly transaction: string;
  readonly thread: string;
  readonly jid: BareJid;
  readonly address: string;
  readonly proxy: string | undefined;
  /** Undefined where the JID belongs to nobody here: then it waits as the others do, and nobody is asked. */
  readonly account: string | undefined;
  readonly until_ms: number;
  state: LoginState;
  readonly changed: Set<() => void>;
  readonly ended: AbortController;
}

// Gone with the process: who waits begins anew.
const logins = new WeakMap<HubPorts, Map<string, Login>>();

function loginsOf(hub: HubPorts): Map<string, Login> {
  const known = logins.get(hub) ?? new Map<string, Login>();
  logins.set(hub, known);
  const now_ms = epochMs(hub.now());
  for (const [secret, login] of known) {
    if (login.until_ms + TOLD_MS > now_ms) break;
    login.ended.abort();
    known.delete(secret);
  }
  return known;
}

/** What whoever logs in is told: to confirm `transaction`, and to come back with `login`. */
export interface LoginBegun {
  readonly login: string;
  readonly transaction: string;
  readonly seconds: number;
}

/**
 * Begins a login by a JID that an account has linked (XEP-0070): the person there is asked. Whether the JID belongs to
 * anybody cannot be told from the answer. `account` chooses where it is linked to several. Refuses with `invalid` what
 * is no person's JID, with `too-many` by JID, by `address` and by `proxy`, with `unavailable` while there is no XMPP.
 */
export function beginLogin(
  hub: HubPorts,
  text: string,
  { account, address, proxy }: { readonly account?: string; readonly address: string; readonly proxy?: string },
): LoginBegun | Refusal {
  const to = parseJid(text);
  if (isRefusal(to)) return to;
  const jid = bareOf(to);
  if (localOf(jid) === undefined) return refuse("invalid", `Expected a person's JID, but got "${jid}".`);
  if (hub.xmpp.status.kind !== "online") {
    return refuse(
      "unavailable",
      "The hub has no XMPP at the moment, so nobody can be asked there; log in with a token.",
    );
  }
  const known = loginsOf(hub);
  const no = whyTooMany([...known.values()], { jid, address, proxy }, epochMs(hub.now()));
  if (no !== undefined) return no;
  const linked = hub.records.reader.accountsOfLinkedJid(jid);
  const found = account === undefined ? linked[0] : linked.find(({ name }) => name === account);
  const login: Login = {
    secret: hub.newSecret(24),
    transaction: hub.hash(hub.newSecret(16)).slice(0, 6).toUpperCase(),
    thread: hub.newSecret(12),
    jid,
    address,
    proxy,
    account: found?.name,
    until_ms: epochMs(hub.now()) + LOGIN_MS,
    state: "waiting",
    changed: new Set(),
    ended: new AbortController(),
  };
  known.set(login.secret, login);
  // Not waited for: how long it takes would tell who is known here.
  if (found !== undefined) void ask(hub, login, to, found.name);
  return { login: login.secret, transaction: login.transaction, seconds: LOGIN_MS / 1_000 };
}

function whyTooMany(
  all: readonly Login[],
  { jid, address, proxy }: Pick<Login, "jid" | "address" | "proxy">,
  now_ms: number,
): Refusal | undefined {
  const recent = all.filter(({ until_ms }) => until_ms > now_ms);
  const count = (isCounted: (login: Login) => boolean): number => recent.filter(isCounted).length;
  const isFull =
    all.length >= LOGINS_MAX ||
    count((each) => each.jid === jid) >= LOGINS_OF_JID_MAX ||
    count((each) => each.address === address) >= LOGINS_OF_ADDRESS_MAX ||
    (proxy !== undefined && count((each) => each.proxy === proxy) >= LOGINS_OF_PROXY_MAX);
  if (!isFull) return undefined;
  return refuse("too-many", `Too many logins were begun; wait ${LOGIN_MS / 60_000} minutes, or log in with a token.`);
}

async function ask(hub: HubPorts, login: Login, to: Jid, name: string): Promise<void> {
  const { transaction: id, thread } = login;
  const { base, title, domain } = hub.identity;
  const words = `Somebody, maybe you, wants to log in to ${title} (${base}) as ${name}.\nThe transaction is ${id}. If it is you, and you see the same there, answer: OK\nIf not, answer: No`;
  const request = { id, method: "POST", url: `${base}api/logins`, thread, words };
  const answer = await hub.xmpp.confirm(domain as BareJid, to, request, login.ended.signal);
  if (answer === "granted" || answer === "denied") settle(hub, login, answer);
  // Nothing of it is told: the login waits until its time is over.
  if (isRefusal(answer)) hub.log.warn({ code: answer.code, reason: answer.message }, "login-not-asked");
}

function settle(hub: HubPorts, login: Login, state: "granted" | "denied"): boolean {
  if (login.state !== "waiting" || login.until_ms <= epochMs(hub.now())) return false;
  login.state = state;
  for (const tell of login.changed) tell();
  return true;
}

/** Takes a confirmation that came as a message of `jid`; whether there was something to confirm. */
export function takeConfirmation(hub: HubPorts, jid: BareJid, { id, granted, thread }: Confirmation): boolean {
  const login = ofJid(hub, jid).find(({ transaction }) => transaction === id);
  if (login === undefined || (thread !== undefined && thread !== login.thread)) return false;
  return settle(hub, login, granted ? "granted" : "denied");
}

/** The logins of a JID that its person was asked about, also those that are over but told. */
function ofJid(hub: HubPorts, jid: BareJid): readonly Login[] {
  return [...loginsOf(hub).values()].filter((each) => each.jid === jid && each.account !== undefined);
}

/**
 * Takes `OK` and `No` of somebody who was asked, with the transaction where several are; the sentence that answers it,
 * undefined when it is about something else.
 */
export function takeConfirmingWords(hub: HubPorts, jid: BareJid, body: string): string | undefined {
  const [, word, id] = /^\s*(ok|no)\b[\s:,.!]*([0-9a-f]{6})?[\s.!]*$/i.exec(body) ?? [];
  const asked = word === undefined ? [] : ofJid(hub, jid);
  if (word === undefined || asked.length === 0) return undefined;
  const now_ms = epochMs(hub.now());
  const waiting = asked.filter(({ state, until_ms }) => state === "waiting" && until_ms > now_ms);
  const named = id === undefined ? waiting : waiting.filter(({ transaction }) => transaction === id.toUpperCase());
  const [login, more] = named;
  if (login === undefined) return "No login waits for that any more; nothing was posted.";
  if (more !== undefined) return `Several logins wait; name the transaction: ${word} ${login.transaction}`;
  const granted = word.toLowerCase() === "ok";
  settle(hub, login, granted ? "granted" : "denied");
  return granted ? `Login ${login.transaction} is confirmed.` : `Login ${login.transaction} is refused.`;
}

/**
 * What came of a login, once it is decided or `signal` is over: a token of the account, given once, or `waiting`.
 * Refuses with `forbidden` when the person said no, `timed-out` when nobody answered, `not-found` what was never begun.
 */
export async function endLogin(
  hub: HubPorts,
  secret: string,
  signal: AbortSignal,
): Promise<{ readonly token: string; readonly account: string } | "waiting" | Refusal> {
  const login = loginsOf(hub).get(secret);
  if (login === undefined)
    return refuse("not-found", "Expected a login that was begun, but there is none; begin anew.");
  const isOpen = (): boolean => login.state === "waiting" && login.until_ms > epochMs(hub.now());
  if (isOpen()) await changeOf(login, signal);
  if (isOpen()) return "waiting";
  const { state, transaction } = login;
  if (state === "denied") return refuse("forbidden", `The login ${transaction} was refused by the person at that JID.`);
  if (state === "done") return refuse("gone", `The login ${transaction} has given its token already; begin anew.`);
  const account = hub.records.reader.accountsOfLinkedJid(login.jid).find(({ name }) => name === login.account);
  if (state === "waiting" || account === undefined) {
    return refuse(
      "timed-out",
      `Nobody confirmed the login ${transaction}; only a JID that an account of this hub has linked can log in. Begin anew, or log in with a token.`,
    );
  }
  // Before anything is waited for: it is given once.
  login.state = "done";
  const by = { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account } as const;
  const token = await issueToken(hub, by, { kind: "account", name: account.name }, `login by ${login.jid}`);
  return isRefusal(token) ? token : { token, account: account.name };
}

async function changeOf({ changed }: Login, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      changed.delete(end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    changed.add(end);
    signal.addEventListener("abort", end);
  });
}
