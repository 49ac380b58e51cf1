import { profileFromQuads } from "../../core/account.ts";
import { documentOf } from "../../core/hub-iris.ts";
import { lastSegment, type Post, postFromQuads } from "../../core/post.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { type ReactionCount, reactionsTo } from "./reactions.ts";

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
}

/** The view of a post's document; undefined for any other document. */
export function viewPost(hub: HubPorts, document: Document): PostView | undefined {
  if (document.kind !== "post") return undefined;
  const post = postFromQuads(document.quads, document.graph);
  if (isRefusal(post)) return undefined;
  const { reader } = hub.records;
  const reactions = reactionsTo(reader, document.graph);
  return {
    iri: document.graph,
    post,
    creator: viewCreator(hub, post.creator),
    version: reader.versionOf(document.graph) ?? 1,
    replies: reader.count({ kind: "reference", reference: "reply-of", target: document.graph }),
    likes: reader.count({ kind: "reference", reference: "like-of", target: document.graph }),
    ...(reactions.length === 0 ? {} : { reactions }),
  };
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
  readonly topics: readonly string[];
  readonly links: readonly string[];
  readonly version: number;
  readonly replies: number;
  /** Left out where nobody likes it. */
  readonly likes?: number;
  readonly reactions?: readonly ReactionCount[];
}

/** A view as {@link PostJson}. */
export function postViewToJson({ iri, post, creator, version, replies, likes, reactions }: PostView): PostJson {
  return {
    iri,
    creator: creator.iri,
    creatorName: creator.name,
    ...(creator.jid === undefined ? {} : { creatorJid: creator.jid }),
    text: post.text,
    ...(post.language === undefined ? {} : { language: post.language }),
    created: post.created,
    ...(post.modified === undefined ? {} : { modified: post.modified }),
    ...(post.replyOf === undefined ? {} : { replyOf: post.replyOf }),
    topics: post.topics.map(({ label }) => label),
    links: post.links,
    version,
    replies,
    ...(likes === 0 ? {} : { likes }),
    ...(reactions === undefined ? {} : { reactions }),
  };
}
