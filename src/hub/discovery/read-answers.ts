import { profileFromQuads } from "../../core/account.ts";
import { epochMs, type Instant, instantOf, parseInstant } from "../../core/instant.ts";
import { parseBareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import type { Term } from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { LearnedFollows, LearnedProfile } from "../ports/learned.ts";
import type { ReadPage } from "../ports/polite-web.ts";
import { readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { baseOfAccount } from "../queries/network/believed.ts";
import { FOLLOWS_EACH_MAX, TOPICS_EACH_MAX } from "./known-graph.ts";

/** LIMIT: characters of a name or topic that another hub gives. */
const TEXT_LENGTH_MAX = 100;

/** Where an account's follows are asked for: its hub's base, or for one without a page the domain of its JID. */
export function hostOf(account: string): string | undefined {
  const jid = parseBareJid(readPubsubIri(account)?.jid ?? "");
  return isRefusal(jid) ? baseOfAccount(account) : `xmpp:${jid.slice(jid.indexOf("@") + 1)}`;
}

/** When something was read, and until when it is fresh. */
export type Times = Pick<LearnedFollows, "read" | "freshUntil">;
export function timesFrom(now: Instant, fresh_ms: number): Times {
  return { read: now, freshUntil: instantOf(epochMs(now) + fresh_ms) };
}

type Row = ReadonlyMap<string, Term>;

/** Whom an account follows, of terms that may be anything. */
export function followsOf(account: Iri, terms: readonly Term[], times: Times): LearnedFollows {
  const named = terms.filter(({ termType }) => termType === "NamedNode").map(({ value }) => value);
  const followed = new Set(named.filter(isIri).filter((iri) => iri !== account && hostOf(iri) !== undefined));
  const follows = [...followed].slice(0, FOLLOWS_EACH_MAX);
  const isCut = followed.size > follows.length ? ({ isCut: true } as const) : {};
  return { kind: "follows", subject: account, follows, ...isCut, ...times };
}

/** The same of the rows (`?account ?followed`) that a hub gave about several accounts. */
export function followsInRows(rows: readonly Row[], account: Iri, times: Times): LearnedFollows {
  const own = rows.filter((row) => row.get("account")?.value === account);
  return followsOf(
    account,
    own.flatMap((row) => row.get("followed") ?? []),
    times,
  );
}

/** Who an account is, of the rows (`?account ?name ?jid ?last ?topic ?posts`) that a hub gave about several. */
export function profileInRows(rows: readonly Row[], account: Iri, times: Times): LearnedProfile {
  const own = rows.filter((row) => row.get("account")?.value === account);
  const first = (name: string): string | undefined => own.find((row) => row.has(name))?.get(name)?.value;
  const topics = own
    .toSorted((a, b) => Number(b.get("posts")?.value ?? 0) - Number(a.get("posts")?.value ?? 0))
    .flatMap((row) => row.get("topic")?.value ?? []);
  return profileOf(account, { name: first("name"), jid: first("jid"), last: first("last"), topics }, times);
}

/** The same of its page, with its newest posts. */
export function profileOnPage({ quads }: ReadPage, account: Iri, times: Times): LearnedProfile {
  const { displayName, jid } = profileFromQuads(quads, account);
  const objects = (subject: string, predicate: Term): readonly string[] =>
    quads.filter((q) => q.subject.value === subject && q.predicate.equals(predicate)).map(({ object }) => object.value);
  const posts = quads
    .filter(({ predicate, object }) => predicate.equals(sioc.has_creator) && object.value === account)
    .map(({ subject }) => subject.value);
  const last = posts
    .flatMap((post) => objects(post, dcterms.created))
    .sort()
    .at(-1);
  const topics = posts.flatMap((post) => objects(post, sioc.topic)).flatMap((topic) => objects(topic, rdfs.label));
  return profileOf(account, { name: displayName, jid, last, topics }, times);
}

interface Said {
  readonly name: string | undefined;
  readonly jid: string | undefined;
  readonly last: string | undefined;
  readonly topics: readonly string[];
}

function profileOf(account: Iri, said: Said, times: Times): LearnedProfile {
  const name = short(said.name ?? "");
  const jid = parseBareJid(said.jid ?? "");
  const last = parseInstant(said.last ?? "");
  const topics = [...new Set(said.topics.map(short))].filter((topic) => topic !== "");
  return {
    kind: "profile",
    subject: account,
    ...(name === "" ? {} : { name }),
    ...(isRefusal(jid) ? {} : { jid }),
    ...(isRefusal(last) ? {} : { lastPost: last }),
    topics: topics.slice(0, TOPICS_EACH_MAX),
    ...times,
  };
}

function short(text: string): string {
  return text.trim().slice(0, TEXT_LENGTH_MAX).toWellFormed();
}
