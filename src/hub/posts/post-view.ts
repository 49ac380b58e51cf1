import { profileFromQuads } from "../../core/account.ts";
import { documentOf } from "../../core/hub-iris.ts";
import { lastSegment, type Post, postFromQuads } from "../../core/posts/post.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { likesOf, type ReactionCount, reactionsTo } from "./reactions.ts";

/** An account as it stands beside a post. */
export interface CreatorView {
  readonly iri: Iri;
  readonly name: string;
  readonly jid?: string;
  readonly profile: Iri;
  readonly image?: Iri;
  /** Whether it is an account of this hub. */
  readonly local: boolean;
}

/** A post as people read it. */
export interface PostView {
  readonly iri: Iri;
  readonly post: Post;
  readonly creator: CreatorView;
  readonly version: number;
  /** How many posts answer it, as far as this hub knows. */
  readonly replies: number;
  /** How many accounts like it, as far as this hub knows. */
  readonly likes: number;
  /** With which emoji how many accounts reacted to it, the most frequent first; left out where none did. */
  readonly reactions?: readonly ReactionCount[];
  /** How many posts pass it on, as far as this hub knows; left out where none does. */
  readonly reposts?: number;
  /** What it passes on or quotes. */
  readonly original?: OriginalView;
  /** Who wrote the post that it answers, where that is here for everybody. */
  readonly answered?: CreatorView;
}

/** What a post passes on or quotes: here, deleted, or not known here. */
export type OriginalView =
  | { readonly kind: "here"; readonly iri: Iri; readonly view: PostView }
  | { readonly kind: "deleted" | "elsewhere"; readonly iri: Iri };

/** LIMIT: how deep posts are shown in posts: a repost of a quote, with what it quotes. */
const SHOWN_WITHIN_MAX = 2;

/** The view of a post's document; undefined for any other document. */
export function viewPost(
  hub: HubPorts,
  document: Document,
  within_max: number = SHOWN_WITHIN_MAX,
): PostView | undefined {
  if (document.kind !== "post") return undefined;
  const post = postFromQuads(document.quads, document.graph);
  if (isRefusal(post)) return undefined;
  const { reader } = hub.records;
  const reactions = reactionsTo(hub, document.graph);
  const reposts = reader.count({ kind: "reference", reference: "repost-of", target: document.graph });
  const original = originalView(hub, post, within_max);
  const answered = answeredView(hub, post);
  return {
    iri: document.graph,
    post,
    creator: viewCreator(hub, post.creator),
    version: reader.versionOf(document.graph) ?? 1,
    replies: reader.count({ kind: "reference", reference: "reply-of", target: document.graph }),
    likes: likesOf(hub, document.graph),
    ...(reactions.length === 0 ? {} : { reactions }),
    ...(reposts === 0 ? {} : { reposts }),
    ...(original === undefined ? {} : { original }),
    ...(answered === undefined ? {} : { answered }),
  };
}

function answeredView(hub: HubPorts, { replyOf }: Post): CreatorView | undefined {
  const stored = replyOf === undefined ? undefined : hub.records.reader.document(replyOf);
  if (stored?.kind !== "live" || stored.document.kind !== "post" || stored.document.audience !== "public") {
    return undefined;
  }
  return stored.document.author === undefined ? undefined : viewCreator(hub, stored.document.author);
}

function originalView(hub: HubPorts, { repostOf, quoteOf }: Post, within_max: number): OriginalView | undefined {
  const iri = repostOf ?? quoteOf;
  if (iri === undefined || within_max === 0) return undefined;
  const stored = hub.records.reader.document(iri);
  if (stored?.kind === "tombstone") return { kind: "deleted", iri };
  const isShown = stored !== undefined && stored.document.audience === "public";
  const view = isShown ? viewPost(hub, stored.document, within_max - 1) : undefined;
  return view === undefined ? { kind: "elsewhere", iri } : { kind: "here", iri, view };
}

/** The words of a post to show: none where it passes on what was deleted. */
export function shownText({ post, original }: PostView): string {
  return post.repostOf !== undefined && original?.kind === "deleted" ? "" : post.text;
}

/** The views of those of `documents` that are posts, in their order. */
export function viewPosts(hub: HubPorts, documents: readonly Document[]): readonly PostView[] {
  return documents.map((document) => viewPost(hub, document)).filter((view) => view !== undefined);
}

/** What is known of an account, here or elsewhere; its IRI's last part is its name when nothing is. */
export function viewCreator(hub: HubPorts, iri: Iri): CreatorView {
  const profile = documentOf(iri);
  const stored = hub.records.reader.document(profile);
  const known =
    stored?.kind === "live" && stored.document.audience === "public"
      ? profileFromQuads(stored.document.quads, iri)
      : undefined;
  return {
    iri,
    name: known?.displayName ?? lastSegment(iri.replace(/#(account|me|it)$/, "")),
    profile,
    local: iri.startsWith(hub.identity.base),
    ...(known?.jid === undefined ? {} : { jid: known.jid }),
    ...(known?.image === undefined ? {} : { image: known.image }),
  };
}

/** A post as plain JSON, for the command line and scripts. */
export interface PostJson {
  readonly iri: string;
  readonly creator: string;
  readonly creatorName: string;
  readonly creatorJid?: string;
  readonly text: string;
  readonly language?: string;
  readonly created: string;
  readonly modified?: string;
  readonly replyOf?: string;
  /** Who wrote what it answers, where that is known. */
  readonly replyOfName?: string;
  readonly repostOf?: string;
  readonly quoteOf?: string;
  /** What it passes on or quotes, as far as it is here; `state` says whether. */
  readonly original?: { readonly state: OriginalView["kind"] } & Partial<
    Pick<PostJson, "creatorName" | "creatorJid" | "text" | "created">
  >;
  readonly topics: readonly string[];
  readonly links: readonly string[];
  readonly attachments?: Post["attachments"];
  readonly place?: Post["place"];
  readonly version: number;
  readonly replies: number;
  /** Left out where nobody likes it, or passes it on. */
  readonly likes?: number;
  readonly reactions?: readonly ReactionCount[];
  readonly reposts?: number;
}

/** A view as {@link PostJson}. */
export function postViewToJson(view: PostView): PostJson {
  const { iri, post, creator, version, replies, likes, reactions, reposts, original, answered } = view;
  return {
    iri,
    creator: creator.iri,
    creatorName: creator.name,
    ...(creator.jid === undefined ? {} : { creatorJid: creator.jid }),
    text: shownText(view),
    ...(post.language === undefined ? {} : { language: post.language }),
    created: post.created,
    ...(post.modified === undefined ? {} : { modified: post.modified }),
    ...(post.replyOf === undefined ? {} : { replyOf: post.replyOf }),
    ...(answered === undefined ? {} : { replyOfName: answered.name }),
    ...(post.repostOf === undefined ? {} : { repostOf: post.repostOf }),
    ...(post.quoteOf === undefined ? {} : { quoteOf: post.quoteOf }),
    ...(original === undefined ? {} : { original: originalToJson(original) }),
    topics: post.topics.map(({ label }) => label),
    links: post.links,
    ...(post.attachments === undefined ? {} : { attachments: post.attachments }),
    ...(post.place === undefined ? {} : { place: post.place }),
    version,
    replies,
    ...(likes === 0 ? {} : { likes }),
    ...(reactions === undefined ? {} : { reactions }),
    ...(reposts === undefined ? {} : { reposts }),
  };
}

function originalToJson(original: OriginalView): NonNullable<PostJson["original"]> {
  if (original.kind !== "here") return { state: original.kind };
  const { creatorName, creatorJid, text, created } = postViewToJson(original.view);
  return {
    state: "here",
    creatorName,
    ...(creatorJid === undefined ? {} : { creatorJid }),
    text,
    created,
  };
}
