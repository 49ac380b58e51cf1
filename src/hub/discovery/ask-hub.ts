import { documentOf } from "../../core/hub-iris.ts";
import { epochMs, instantOf } from "../../core/instant.ts";
import { type BareJid, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { namedNode, type Quad, type Term } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";
import { listedFollows } from "../following/read-follow-list.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Learned, LearnedFollows } from "../ports/learned.ts";
import type { PoliteWeb } from "../ports/polite-web.ts";
import { readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { isUnreached } from "../queries/xmpp/transports.ts";
import { FOLLOWS_EACH_MAX, type KnownGraph, TOPICS_EACH_MAX } from "./known-graph.ts";
import { followsInRows, followsOf, profileInRows, profileOnPage, type Times, timesFrom } from "./read-answers.ts";

/** LIMIT: requests to one hub in one walk: questions to its endpoint, and pages or lists where it has none. */
const QUESTIONS_MAX = 2;
const PAGES_MAX = 12;
/** LIMIT: accounts in one question; pages of one account's list. */
export const ASKED_AT_ONCE_MAX = 50;
const LIST_PAGES_MAX = 3;
/** LIMIT: bytes, rows and milliseconds of one answer. */
const ANSWER_BYTES_MAX = 4 * 1_024 * 1_024;
const ANSWER_ROWS_MAX = ASKED_AT_ONCE_MAX * (FOLLOWS_EACH_MAX + 1);
const ANSWER_TIMEOUT_MS = 10_000;
/** For how long an answer of an endpoint or a list is fresh, which does not say; and for how long one that failed rests. */
const FRESH_MS = 6 * 3_600_000;
const FAILED_FRESH_MS = 3_600_000;
/** How old posts are that still say what somebody posts about. */
const POSTS_SINCE_MS = 90 * 86_400_000;

/** What asking a hub came to: accounts that were read, and those for which there was no request left; or why none was. */
export type Asked = { readonly read: number; readonly left: number } | Refusal;

/**
 * One hub in one walk. It is asked as little as does: many accounts in one question to its endpoint, one account by its
 * page, which may say that nothing changed. It is believed about the accounts that were asked for, which are its own.
 */
export class WalkedHub {
  readonly #hub: HubPorts;
  readonly #web: PoliteWeb;
  readonly #known: KnownGraph;
  readonly #base: string;
  readonly #signal: AbortSignal;
  #questions = 0;
  #pages = 0;

  constructor(hub: HubPorts, web: PoliteWeb, known: KnownGraph, base: string, signal: AbortSignal) {
    this.#hub = hub;
    this.#web = web;
    this.#known = known;
    this.#base = base;
    this.#signal = signal;
  }

  /** Reads whom accounts of this hub follow. */
  async readFollows(accounts: readonly Iri[]): Promise<Asked> {
    if (this.#base.startsWith("xmpp:")) return await this.#each(accounts, (account) => this.#readList(account));
    const asked = accounts.slice(0, ASKED_AT_ONCE_MAX);
    if (asked.length > 1) {
      const rows = await this.#ask(this.#hub.sparql.followsRequest(asked, FOLLOWS_EACH_MAX + 1));
      if (rows !== undefined && !isRefusal(rows)) {
        await this.#known.learn(asked.map((account) => followsInRows(rows, account, this.#times(FRESH_MS))));
        return { read: asked.length, left: accounts.length - asked.length };
      }
      if (rows !== undefined && !mayHavePages(rows)) return await this.#failed(asked, rows);
    }
    return await this.#each(accounts, (account) => this.#readPages(account));
  }

  /** Reads who accounts of this hub are and what they post about. */
  async readProfiles(accounts: readonly Iri[]): Promise<Asked> {
    // The lists of accounts without a page say no more than whom they follow.
    if (this.#base.startsWith("xmpp:")) return { read: 0, left: 0 };
    const asked = accounts.slice(0, ASKED_AT_ONCE_MAX);
    if (asked.length > 1 || this.#pages === 0) {
      const since = instantOf(epochMs(this.#hub.now()) - POSTS_SINCE_MS);
      const rows = await this.#ask(this.#hub.sparql.profilesRequest(asked, since, TOPICS_EACH_MAX));
      if (rows !== undefined && !isRefusal(rows)) {
        await this.#known.learn(asked.map((account) => profileInRows(rows, account, this.#times(FRESH_MS))));
        return { read: asked.length, left: accounts.length - asked.length };
      }
      if (rows !== undefined && !mayHavePages(rows)) return rows;
    }
    return await this.#each(accounts, (account) => this.#readProfile(account));
  }

  /** The rows of an answer; undefined where the hub has no endpoint, or was asked often enough. */
  async #ask(query: string): Promise<readonly ReadonlyMap<string, Term>[] | Refusal | undefined> {
    const base = this.#base as Iri;
    if (this.#known.hasSparql(base) === false || this.#questions >= QUESTIONS_MAX) return undefined;
    const notNow = await this.#web.turn(`${base}sparql`, this.#signal);
    // A hub without HTTP may answer over XMPP.
    if (notNow !== undefined && !isUnreached(notNow)) return notNow;
    this.#questions++;
    const answer = await this.#hub.remoteQueries.ask({
      to: { hub: base },
      query,
      kind: "bindings",
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      bytes_max: ANSWER_BYTES_MAX,
      rows_max: ANSWER_ROWS_MAX,
    });
    if (!isRefusal(answer)) {
      return answer.kind === "bindings" ? answer.rows : refuse("remote-refused", `${base} gave no rows.`);
    }
    if (answer.code === "remote-refused") {
      const problem = answer.message;
      await this.#known.learn([{ kind: "hub", subject: base, hasSparql: false, problem, ...this.#times(FRESH_MS) }]);
    }
    return answer;
  }

  /** Reads accounts one after the other, as long as there may be more requests; those that fail are left alone. */
  async #each(accounts: readonly Iri[], read: (account: Iri) => Promise<undefined | Refusal>): Promise<Asked> {
    let first: Refusal | undefined;
    let [done, left] = [0, 0];
    for (const [at, account] of accounts.entries()) {
      if (this.#pages >= PAGES_MAX || this.#signal.aborted) {
        left = accounts.length - at;
        break;
      }
      const refused = await read(account);
      if (refused === undefined) done++;
      first ??= refused;
      // A host that is not there, or wants a pause, is not asked for the next account either.
      if (refused !== undefined && !mayHavePages(refused)) {
        await this.#failed(accounts.slice(at), refused);
        break;
      }
    }
    return done === 0 && first !== undefined ? first : { read: done, left };
  }

  async #readPages(account: Iri): Promise<undefined | Refusal> {
    const page = await this.#listOf(account);
    if (!isRefusal(page)) {
      if (page !== undefined) await this.#known.learn([page.learned], page.mayKeep);
      return undefined;
    }
    const jid = this.#known.profileOf(account)?.jid;
    const mayAskJid = isUnreached(page) && jid !== undefined;
    const refused = mayAskJid ? await this.#readListOf(account, jid) : page;
    if (refused !== undefined) await this.#failed([account], refused);
    return refused;
  }

  /** The list of an account as its pages give it, or what it was before where nothing changed. */
  async #listOf(
    account: Iri,
  ): Promise<{ readonly learned: LearnedFollows; readonly mayKeep: boolean } | undefined | Refusal> {
    const before = this.#known.learnedFollows(account);
    const address = before?.page?.address ?? (`${documentOf(account)}/following` as Iri);
    let page = await this.#read(address, before?.page);
    // Other software has no such page; but a profile may say whom its account follows.
    if (isRefusal(page) && isNoPage(page)) page = await this.#read(documentOf(account));
    if (isRefusal(page)) return page;
    if (page.kind === "unchanged") {
      if (before === undefined) return undefined;
      const { problem: _, ...kept } = before;
      return { learned: { ...kept, ...this.#times(page.fresh_ms) }, mayKeep: true };
    }
    const { etag, lastModified, mayKeep, fresh_ms } = page;
    const quads: Quad[] = [...page.quads];
    let next = page.next;
    for (let pages = 1; next !== undefined && pages < LIST_PAGES_MAX; pages++) {
      const more = await this.#read(next);
      if (isRefusal(more) || more.kind === "unchanged") break;
      quads.push(...more.quads);
      next = more.next;
    }
    const said = quads.filter(({ subject, predicate }) => subject.value === account && predicate.equals(sioc.follows));
    const learned = followsOf(
      account,
      said.map(({ object }) => object),
      this.#times(fresh_ms),
    );
    // What several pages make up is not told whole by one validator.
    const isOne = page.next === undefined;
    const where = {
      address: page.url === documentOf(account) ? documentOf(account) : address,
      ...(etag === undefined || !isOne ? {} : { etag }),
      ...(lastModified === undefined || !isOne ? {} : { lastModified }),
    };
    const isCut = next === undefined ? {} : ({ isCut: true } as const);
    return { learned: { ...learned, ...isCut, page: where }, mayKeep };
  }

  async #readProfile(account: Iri): Promise<undefined | Refusal> {
    const page = await this.#read(documentOf(account));
    if (isRefusal(page)) return page;
    if (page.kind === "page") {
      await this.#known.learn([profileOnPage(page, account, this.#times(page.fresh_ms))], page.mayKeep);
    }
    return undefined;
  }

  async #read(address: Iri, before?: LearnedFollows["page"]) {
    this.#pages++;
    const { etag, lastModified } = before ?? {};
    return await this.#web.read(address, {
      signal: this.#signal,
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
    });
  }

  async #readList(account: Iri): Promise<undefined | Refusal> {
    const jid = parseBareJid(readPubsubIri(account)?.jid ?? "");
    const refused = isRefusal(jid) ? jid : await this.#readListOf(account, jid);
    if (refused !== undefined) await this.#failed([account], refused);
    return refused;
  }

  /** Reads the public list of a JID (XEP-0330, XEP-0465). */
  async #readListOf(account: Iri, jid: BareJid): Promise<undefined | Refusal> {
    this.#pages++;
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    const listed = await listedFollows(this.#hub, jid, signal);
    if (isRefusal(listed)) return listed;
    await this.#known.learn([
      followsOf(
        account,
        listed.map((iri) => namedNode(iri)),
        this.#times(FRESH_MS),
      ),
    ]);
    return undefined;
  }

  /** Remembers not to ask for these for a while; what was known of them stays. */
  async #failed(accounts: readonly Iri[], refused: Refusal): Promise<Refusal> {
    // A walk that was stopped says nothing of the hub.
    if (this.#signal.aborted) return refused;
    const problem = refused.message;
    const learned = accounts.map((account): Learned => {
      const before = this.#known.learnedFollows(account);
      const rest = { ...(before ?? { kind: "follows", subject: account, follows: [] }), problem } as const;
      return { ...rest, ...this.#times(FAILED_FRESH_MS) };
    });
    await this.#known.learn(learned);
    return refused;
  }

  #times(fresh_ms: number): Times {
    return timesFrom(this.#hub.now(), fresh_ms);
  }
}

/** Whether a hub that does not answer one way may answer the other. */
function mayHavePages({ code }: Refusal): boolean {
  return code === "remote-refused" || code === "forbidden" || code === "too-large" || code === "invalid";
}

function isNoPage({ code, detail }: Refusal): boolean {
  return code === "remote-refused" && [404, 405, 406, 410].includes(Number(detail?.["status"]));
}
