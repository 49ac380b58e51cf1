import { profileFromQuads } from "../../core/account.ts";
import { followedIn } from "../../core/follow.ts";
import { accountIris, documentOf } from "../../core/hub-iris.ts";
import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { type BareJid, parseBareJid } from "../../core/jid.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { sioc } from "../../vocab/sioc.ts";
import { localAccountAt } from "../following/list-follows.ts";
import { followListGraph } from "../following/read-follow-list.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Learned, LearnedFollows, LearnedHub, LearnedProfile } from "../ports/learned.ts";
import { readPubsubIri } from "../pubsub/pubsub-iri.ts";

/** LIMIT: follows of one account that count, posts of one that are looked at for topics, topics of one. */
export const FOLLOWS_EACH_MAX = 500;
const POSTS_LOOKED_AT = 50;
export const TOPICS_EACH_MAX = 10;
/** How long what was learned is remembered at all. */
const REMEMBERED_MS = 30 * 86_400_000;

/** Whom an account follows, as far as this hub knows. */
export interface KnownFollows {
  readonly follows: readonly Iri[];
  /** Whether there is no need to ask its hub. */
  readonly isFresh: boolean;
}

/** Who an account is, as far as this hub knows. */
export interface KnownProfile {
  readonly name?: string;
  readonly jid?: BareJid;
  readonly lastPost?: Instant;
  readonly topics: readonly string[];
  readonly isFresh: boolean;
}

/**
 * The follow graph as this hub knows it: by its own documents, and where these say nothing by what walks learned. What
 * may not be remembered longer than a walk is in this object alone.
 */
export class KnownGraph {
  readonly #hub: HubPorts;
  readonly #passing = new Map<string, Learned>();

  constructor(hub: HubPorts) {
    this.#hub = hub;
  }

  followsOf(account: Iri): KnownFollows | undefined {
    const local = this.#isLocal(account);
    const said = this.#followsHere(account);
    if (local) return { follows: said, isFresh: true };
    const list = this.#listOf(account);
    if (list !== undefined) return { follows: list, isFresh: true };
    const learned = this.learnedFollows(account);
    if (learned === undefined) return said.length === 0 ? undefined : { follows: said, isFresh: false };
    return { follows: [...new Set([...said, ...learned.follows])], isFresh: this.#isFresh(learned) };
  }

  profileOf(account: Iri): KnownProfile | undefined {
    const here = this.#profileHere(account);
    const posts = this.#postsHere(account);
    const isFed = this.#isLocal(account) || this.#hub.records.reader.upstream(account)?.state === "subscribed";
    if (isFed) return { ...here, ...posts, isFresh: true };
    const learned = this.#find("profile", account) as LearnedProfile | undefined;
    if (learned === undefined) {
      const isKnown = [here.name, here.jid, posts.lastPost].some((each) => each !== undefined);
      return isKnown ? { ...here, ...posts, isFresh: false } : undefined;
    }
    const { name, jid, lastPost, topics } = learned;
    return {
      ...(name === undefined ? {} : { name }),
      ...(jid === undefined ? {} : { jid }),
      ...here,
      ...posts,
      ...(lastPost === undefined ? {} : { lastPost }),
      topics: topics.length > 0 ? topics : posts.topics,
      isFresh: this.#isFresh(learned),
    };
  }

  /** Whether a hub has an endpoint; undefined when that is not known. */
  hasSparql(base: Iri): boolean | undefined {
    const learned = this.#find("hub", base) as LearnedHub | undefined;
    return learned !== undefined && this.#isFresh(learned) ? learned.hasSparql : undefined;
  }

  learnedFollows(account: Iri): LearnedFollows | undefined {
    return this.#find("follows", account) as LearnedFollows | undefined;
  }

  /** Remembers what was learned: in `hub.db`, or where it may not be kept, until this walk ends. */
  async learn(learned: readonly Learned[], mayKeep = true): Promise<void> {
    if (!mayKeep) {
      for (const each of learned) this.#passing.set(`${each.kind} ${each.subject}`, each);
      return;
    }
    const forgetBefore = this.#forgotten();
    const changes = learned.map((each) => ({ kind: "learned-put", learned: each, forgetBefore }) as const);
    await this.#hub.records.transact(() => ({ changes, result: undefined }));
  }

  /** Labels of what the account's own newest posts are about. */
  topicsOf(account: Iri): readonly string[] {
    return this.#postsHere(account).topics;
  }

  #find(kind: Learned["kind"], subject: Iri): Learned | undefined {
    const found = this.#passing.get(`${kind} ${subject}`) ?? this.#hub.records.reader.learned(kind, subject);
    return found === undefined || found.read < this.#forgotten() ? undefined : found;
  }

  #forgotten(): Instant {
    return instantOf(epochMs(this.#hub.now()) - REMEMBERED_MS);
  }

  #isFresh({ freshUntil }: Learned): boolean {
    return freshUntil > this.#hub.now();
  }

  #isLocal(account: Iri): boolean {
    return account.startsWith(this.#hub.identity.base);
  }

  /** The public follow documents of an account: of one of this hub, or of one that was imported. */
  #followsHere(author: Iri): readonly Iri[] {
    const scope = { kind: "authors", authors: [author], documentKind: "follow" } as const;
    const { documents } = this.#hub.records.reader.list({ scope, limit: FOLLOWS_EACH_MAX });
    return documents.flatMap(({ quads }) => followedIn(quads) ?? []);
  }

  /** The list of an account without a page, which catching up keeps true. */
  #listOf(account: Iri): readonly Iri[] | undefined {
    const { reader } = this.#hub.records;
    const upstream = reader.upstream(account);
    const stored = upstream === undefined ? undefined : reader.document(followListGraph(upstream));
    if (stored?.kind !== "live") return undefined;
    const said = stored.document.quads.filter(({ predicate }) => predicate.equals(sioc.follows));
    return said
      .map(({ object }) => object.value)
      .filter(isIri)
      .slice(0, FOLLOWS_EACH_MAX);
  }

  #profileHere(account: Iri): { readonly name?: string; readonly jid?: BareJid } {
    const stored = this.#hub.records.reader.document(documentOf(account));
    const known = stored?.kind === "live" ? profileFromQuads(stored.document.quads, account) : undefined;
    const jid = parseBareJid(known?.jid ?? readPubsubIri(account)?.jid ?? "");
    return {
      ...(known?.displayName === undefined ? {} : { name: known.displayName }),
      ...(isRefusal(jid) ? {} : { jid }),
    };
  }

  #postsHere(author: Iri): { readonly lastPost?: Instant; readonly topics: readonly string[] } {
    const local = localAccountAt(this.#hub, author);
    const { reader } = this.#hub.records;
    const scope =
      local === undefined
        ? ({ kind: "authors", authors: [author], documentKind: "post" } as const)
        : ({ kind: "container", container: accountIris(this.#hub.identity.base, local.name).container } as const);
    const { documents } = reader.list({ scope, limit: POSTS_LOOKED_AT });
    const labels = documents.flatMap(({ graph, quads }) => {
      const post = postFromQuads(quads, graph);
      return isRefusal(post) ? [] : post.topics.map(({ label }) => label);
    });
    const [newest] = documents;
    return {
      ...(newest === undefined ? {} : { lastPost: newest.created as Instant }),
      topics: mostOften(labels).slice(0, TOPICS_EACH_MAX),
    };
  }
}

/** Different texts, the most frequent first. */
function mostOften(texts: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([text]) => text);
}
