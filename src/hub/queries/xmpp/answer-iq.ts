import { rowToXml } from "../../../atom/sparql-results-xml.ts";
import { escapeText } from "../../../atom/xml-text.ts";
import type { AccountName } from "../../../core/account.ts";
import { accountIris } from "../../../core/hub-iris.ts";
import { epochMs } from "../../../core/instant.ts";
import { type BareJid, bareOf, type Jid, localOf } from "../../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../../outcome/refusal.ts";
import { Refused } from "../../../outcome/refused.ts";
import type { ListPart, PubsubError } from "../../../pubsub/reply.ts";
import { writeNTriples } from "../../../rdf/ntriples.ts";
import type { Quad, Term } from "../../../rdf/term.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { Requester } from "../../ports/requester.ts";
import { pubsubError } from "../../pubsub/pubsub-refusal.ts";
import { runQuery } from "../run-query.ts";
import { serviceDescription } from "../service-description.ts";
import { KeptAnswers, type PageWish, pageOf, readRowId, type WholeAnswer } from "./kept-answers.ts";

/** LIMIT: bytes of the rows in one stanza, whatever a reader wishes; those of a whole answer that is paged. */
export const PAGE_BYTES_MAX = 300_000;
export const ANSWER_BYTES_MAX = 8 * 1_024 * 1_024;
/** LIMIT: bytes of one row, which is never cut; with its page's frame it must fit into a stanza. */
const ROW_BYTES_MAX = 450_000;

/** SPARQL as it came in an IQ. */
export interface SparqlQuestion {
  /** Empty where the hub's description is asked for. */
  readonly text: string;
  /** Undefined where the asker does not know of pages. */
  readonly page?: PageWish;
  /** The hub that asks for somebody, by its base: it is answered as a stranger, and from own data. */
  readonly askedBy?: string;
}

/** The answer, or a page of it, its rows written. */
export type SparqlReply =
  | { readonly kind: "boolean"; readonly value: boolean }
  | {
      readonly kind: "bindings";
      readonly variables: readonly string[];
      readonly rows: readonly string[];
      readonly part?: ListPart;
    }
  | { readonly kind: "quads"; readonly rows: readonly string[]; readonly part?: ListPart };

const ANONYMOUS: Requester = { kind: "anonymous" };

const answers = new WeakMap<HubPorts, KeptAnswers>();

function keptBy(hub: HubPorts): KeptAnswers {
  const kept = answers.get(hub) ?? new KeptAnswers();
  answers.set(hub, kept);
  return kept;
}

/** Lets go of answers that nobody reads on. */
export function dropUnreadAnswers(hub: HubPorts): void {
  keptBy(hub).sweep(epochMs(hub.now()));
}

/**
 * Answers SPARQL in an IQ over what the asking JID may see: a linked JID what its account sees, everybody else what is
 * public; the same at the hub's domain and at an account's JID. An answer that is read by pages is made once and kept
 * as it is for who asked. Without a question it is the Service Description.
 */
export async function answerSparql(
  hub: HubPorts,
  question: SparqlQuestion,
  from: Jid,
  to: Jid,
): Promise<SparqlReply | PubsubError> {
  const name = localOf(to);
  if (name !== undefined && hub.records.reader.account(name as AccountName) === undefined) {
    return { kind: "error", condition: "item-not-found" };
  }
  const by = question.askedBy === undefined ? whoAsks(hub, bareOf(from), bareOf(to)) : ANONYMOUS;
  const reply = isRefusal(by) ? by : await replyOf(hub, question, by, bareOf(from));
  return isRefusal(reply) ? sparqlError(reply) : reply;
}

/** The account that a JID is linked to; at an account's JID that one, where it is among several. */
function whoAsks(hub: HubPorts, jid: BareJid, service: BareJid): Requester | Refusal {
  const linked = hub.records.reader.accountsOfLinkedJid(jid);
  const [first, second] = linked;
  if (first === undefined) return ANONYMOUS;
  const account = linked.find((each) => each.jid === service) ?? (second === undefined ? first : undefined);
  if (account === undefined) {
    const names = linked.map((each) => each.jid).join(", ");
    return refuse("not-acceptable", `${jid} is linked to more than one account; ask one of ${names}.`);
  }
  return { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account };
}

async function replyOf(
  hub: HubPorts,
  { text, page }: SparqlQuestion,
  by: Requester,
  jid: BareJid,
): Promise<SparqlReply | Refusal> {
  const requester = by.kind === "account" ? by.iri : `xmpp:${jid}`;
  const asked = { requester, question: text };
  const kept = keptBy(hub);
  const earlier = page && keptPage(kept, page, asked, epochMs(hub.now()));
  if (earlier !== undefined) return earlier;
  const answer = text.trim() === "" ? await description(hub) : await run(hub, by, text, requester);
  if (isRefusal(answer) || answer.kind === "boolean") return answer;
  if (page === undefined) return whole(answer);
  const id = hub.newSecret(9);
  const reply = cut(id, answer, page);
  if (reply === undefined) return noSuchPlace();
  // What was given whole is not asked for again.
  if (reply.rows.length < answer.rows.length) kept.keep(id, answer, asked, epochMs(hub.now()));
  return reply;
}

/** A page of an answer that is kept; undefined where the answer has to be made. */
function keptPage(
  kept: KeptAnswers,
  page: PageWish,
  asked: Parameters<KeptAnswers["find"]>[1],
  now_ms: number,
): SparqlReply | Refusal | undefined {
  const { place } = page;
  if (place.kind === "start" || place.kind === "end") return undefined;
  const row = place.kind === "index" ? undefined : readRowId(place.row);
  if (place.kind !== "index" && row === undefined) return noSuchPlace();
  const found = kept.find(row?.id, asked, now_ms);
  if (found !== undefined) return cut(found.id, found.answer, page) ?? noSuchPlace();
  return place.kind === "index" ? undefined : noSuchPlace();
}

async function description(hub: HubPorts): Promise<WholeAnswer | Refusal> {
  return await written("quads", [], graphRows(await serviceDescription(hub)));
}

async function run(
  hub: HubPorts,
  by: Requester,
  text: string,
  from: string,
): Promise<WholeAnswer | (SparqlReply & { readonly kind: "boolean" }) | Refusal> {
  const answer = await runQuery(hub, by, text, { from });
  if (isRefusal(answer) || answer.kind === "boolean") return answer;
  try {
    return answer.kind === "quads"
      ? await written("quads", [], graphRows(answer.quads))
      : await written("bindings", answer.variables, resultRows(answer.rows, answer.variables));
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

async function* graphRows(quads: Iterable<Quad> | AsyncIterable<Quad>): AsyncGenerator<string> {
  for await (const quad of quads) yield escapeText(writeNTriples([quad]));
}

async function* resultRows(
  rows: AsyncIterable<ReadonlyMap<string, Term>>,
  variables: readonly string[],
): AsyncGenerator<string | undefined> {
  for await (const row of rows) yield rowToXml(row, variables);
}

/** Takes in rows to their end; undefined is one that XML cannot carry. Leaving the loop ends the query. */
async function written(
  kind: WholeAnswer["kind"],
  variables: readonly string[],
  all: AsyncIterable<string | undefined>,
): Promise<WholeAnswer | Refusal> {
  const rows: string[] = [];
  let bytes = 0;
  for await (const row of all) {
    if (row === undefined) {
      return refuse("not-acceptable", "The answer holds characters that XML cannot carry; ask for JSON over HTTP.");
    }
    const length = Buffer.byteLength(row);
    if (length > ROW_BYTES_MAX) {
      const at = rows.length + 1;
      return refuse(
        "too-large",
        `Row ${at} has more than ${ROW_BYTES_MAX} bytes, which no stanza takes; ask for less of it.`,
      );
    }
    bytes += length;
    if (bytes > ANSWER_BYTES_MAX) {
      return refuse(
        "too-large",
        `The answer has more than ${ANSWER_BYTES_MAX} bytes; ask for less, or by LIMIT and OFFSET.`,
      );
    }
    rows.push(row);
  }
  return { kind, variables, rows, bytes };
}

function whole(answer: WholeAnswer): SparqlReply | Refusal {
  const { rows, bytes } = answer;
  if (bytes <= PAGE_BYTES_MAX || rows.length <= 1) return shown(answer, rows);
  return refuse(
    "too-large",
    `Expected an answer of at most ${PAGE_BYTES_MAX} bytes in one stanza, but it has ${bytes} in ${rows.length} rows; ask for pages with <set xmlns='http://jabber.org/protocol/rsm'/>, or for less.`,
  );
}

function cut(
  id: string,
  answer: WholeAnswer,
  wish: PageWish,
): (SparqlReply & { readonly rows: readonly string[] }) | undefined {
  const page = pageOf(id, answer, wish, PAGE_BYTES_MAX);
  return page && { ...shown(answer, page.rows), part: page.part };
}

function shown({ kind, variables }: WholeAnswer, rows: readonly string[]) {
  return kind === "quads" ? ({ kind, rows } as const) : ({ kind, variables, rows } as const);
}

function noSuchPlace(): Refusal {
  return refuse(
    "not-found",
    "Expected a place in an answer that is still kept, but it is not; ask again from its start.",
  );
}

/** How a Refusal reads in an IQ: what may go well later says so, and a mistake in the query has its place. */
function sparqlError(refusal: Refusal): PubsubError {
  const { code, detail } = refusal;
  const error = pubsubError(refusal);
  if (code === "timed-out" || code === "unavailable") return { ...error, condition: "resource-constraint" };
  const { line, column } = detail ?? {};
  return typeof line === "number" && typeof column === "number" ? { ...error, place: { line, column } } : error;
}
