import type { AccountIris } from "../../core/account.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import type { FollowedAccount, Follower } from "../following/list-follows.ts";
import type { NoteView } from "../graphs/describe-note.ts";
import type { ListCursor } from "../ports/records.ts";
import type { PostView } from "../posts/post-view.ts";

/** Posts on one page. */
export const PAGE_POSTS = 20;

/** LIMIT: the most posts on one page. */
export const PAGE_POSTS_MAX = 200;

/** Which part of a list a page shows. */
export interface PageWish {
  readonly limit?: number;
  readonly olderThan?: ListCursor;
  readonly newerThan?: ListCursor;
}

/** An account as its page shows it. */
export interface AccountView {
  readonly name: string;
  readonly displayName: string;
  readonly bio?: string;
  readonly homepage?: string;
  readonly image?: string;
  readonly jid: string;
  readonly iris: AccountIris;
  readonly posts: number;
  readonly following: number;
  readonly followers: number;
  /** Standing queries that everybody may read, on the account's own page. */
  readonly watches?: number;
}

/** What one page is about: the quads, the same in every format, and the order in which people read them. */
export interface Description {
  /** The document's IRI. */
  readonly subject: Iri;
  readonly kind:
    | "hub"
    | "account"
    | "container"
    | "post"
    | "tag"
    | "tags"
    | "following"
    | "followers"
    | "note"
    | "notes"
    | "vocabulary";
  readonly title: string;
  readonly quads: readonly Quad[];
  /** Changes whenever the quads do; what ETags are made of. */
  readonly version: string;
  readonly modified?: string;
  readonly posts: readonly PostView[];
  /** For a post: what it answers, oldest first, and the posts that answer it. */
  readonly ancestors: readonly PostView[];
  readonly replies: readonly PostView[];
  readonly newer?: ListCursor;
  readonly older?: ListCursor;
  readonly feed?: Iri;
  readonly account?: AccountView;
  readonly follows?: readonly (FollowedAccount | Follower)[];
  readonly tags?: readonly { readonly iri: Iri; readonly label: string; readonly posts: number }[];
  readonly accounts?: readonly AccountView[];
  readonly notes?: readonly NoteView[];
}

/** No posts, for pages that have none. */
export const nothing = { posts: [], ancestors: [], replies: [] } as const;
