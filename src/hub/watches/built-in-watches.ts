import type { Account } from "../../core/account.ts";
import { accountIris, tagIri } from "../../core/hub-iris.ts";
import { lastSegment } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, parseIri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Watch, WatchDesk } from "../ports/standing.ts";

/** A query to keep open, or one of the program's own with what it is about. */
export interface WatchQuestion {
  readonly query?: string;
  /** `mentions`, `replies`, `home`, `topic` or `thread`. */
  readonly of?: string;
  /** The tag or IRI of a topic, the IRI of a post of a thread. */
  readonly about?: string;
}

interface BuiltIn {
  readonly query: string;
  readonly about?: "topic" | "start";
  /** What its answers are, up to what it is about. */
  readonly words: (account: string) => string;
}

/** The program's own standing queries, and what some of them need to be told. */
const BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  mentions: { query: "watch-mentions", words: (account) => `Posts that speak to ${account}` },
  replies: { query: "watch-replies", words: (account) => `Answers of others to posts of ${account}` },
  home: { query: "watch-home", words: (account) => `The newest posts of ${account} and of those it follows` },
  topic: { query: "watch-topic", about: "topic", words: () => "Posts on" },
  thread: { query: "watch-thread", about: "start", words: () => "The posts of the thread of" },
};

/** What is kept open, as SPARQL, and which of the program's own it is. Refuses with `invalid`. */
export function queryOf(
  hub: HubPorts,
  desk: WatchDesk,
  account: Account,
  { query, of, about }: WatchQuestion,
): Pick<Watch, "query" | "of"> | Refusal {
  if (query !== undefined && of === undefined) return { query };
  const found = of === undefined || query !== undefined || !Object.hasOwn(BUILT_IN, of) ? undefined : BUILT_IN[of];
  if (found === undefined || of === undefined) {
    const names = Object.keys(BUILT_IN).join(", ");
    return refuse("invalid", `Expected either a query, or one of ${names}; give one of them.`);
  }
  const iris: Record<string, Iri> = { me: accountIris(hub.identity.base, account.name).account };
  const { about: parameter } = found;
  if (parameter === undefined) return { query: desk.standing.builtIn(found.query, iris), of: { what: of } };
  if (about === undefined) {
    return refuse("invalid", `Expected which ${of} to watch, but it is missing; name it in about.`);
  }
  const isTag = parameter === "topic" && !/^https?:/i.test(about);
  const iri = isTag ? tagIri(hub.identity.base, about.replace(/^#/, "")) : parseIri(about);
  if (isRefusal(iri)) return iri;
  iris[parameter] = iri;
  return { query: desk.standing.builtIn(found.query, iris), of: { what: of, about: iri } };
}

/** What a person wrote where a query is asked for: SPARQL, or `mentions`, `topic #terns`, `thread https://…`. */
export function questionOf(text: string): WatchQuestion {
  const [, of = "", about = ""] = /^\s*(\w+)(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  if (!Object.hasOwn(BUILT_IN, of.toLowerCase())) return { query: text };
  return { of: of.toLowerCase(), ...(about === "" ? {} : { about }) };
}

/** What one of the program's own queries means: a sentence without its full stop, which ends with what it is about. */
export interface WatchMeaning {
  readonly words: string;
  readonly about?: { readonly iri: string; readonly label: string };
}

/** What one of the program's own means; undefined for any other query. */
export function meaningOf({ identity }: HubPorts, { account, of }: Watch): WatchMeaning | undefined {
  const found = of === undefined ? undefined : BUILT_IN[of.what];
  if (of === undefined || found === undefined) return undefined;
  const words = found.words(account);
  if (of.about === undefined) return { words };
  const label = found.about === "topic" ? topicLabel(identity.base, of.about) : "this post";
  return { words, about: { iri: of.about, label } };
}

/** A tag of this hub as people write it, another topic with where it is from. */
function topicLabel(base: Iri, topic: string): string {
  const label = lastSegment(topic);
  if (topic === tagIri(base, label)) return `#${label}`;
  const host = URL.parse(topic)?.host ?? "";
  return host === "" ? topic : `${label} (${host})`;
}
