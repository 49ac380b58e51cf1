import type { OriginalPost } from "../../atom/post-entry.ts";
import { titleOf } from "../../atom/post-entry.ts";
import { type Post, postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { commentsPlaceOf } from "../comments/comments-place.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { itemPlaceOf } from "./item-place.ts";
import { viewCreator } from "./post-view.ts";

/** What the entry of `post` says of the post that it passes on or quotes; undefined when it does neither. */
export function originalOf(hub: HubPorts, post: Post): OriginalPost | undefined {
  const iri = post.repostOf ?? post.quoteOf;
  if (iri === undefined) return undefined;
  const place = itemPlaceOf(hub, iri);
  const comments = commentsPlaceOf(hub, iri);
  const stored = hub.records.reader.document(iri);
  const original =
    stored?.kind === "live" && stored.document.audience === "public"
      ? postFromQuads(stored.document.quads, iri)
      : undefined;
  const known = original === undefined || isRefusal(original) ? undefined : original;
  const author = known === undefined ? undefined : viewCreator(hub, known.creator);
  const authorJid = author?.jid ?? place?.jid;
  return {
    ...(place === undefined ? {} : { place }),
    ...(comments === undefined ? {} : { comments }),
    ...(author === undefined ? {} : { authorName: author.name }),
    ...(authorJid === undefined ? {} : { authorJid }),
    ...(known === undefined ? {} : { title: titleOf(known.text) }),
  };
}

/**
 * Why `account` cannot pass on or quote a post: it is not for everybody, or was deleted; or the account passes it on
 * already (`conflict`, which names that repost). A post that is not here may be both, as another hub knows it.
 */
export function whyNotPassedOn(
  reader: RecordReader,
  account: Iri,
  { repostOf, quoteOf }: Pick<Post, "repostOf" | "quoteOf">,
): Refusal | undefined {
  const original = repostOf ?? quoteOf;
  if (original === undefined) return undefined;
  const stored = reader.document(original);
  if (stored?.kind === "tombstone") return refuse("gone", `The post ${original} was deleted.`);
  if (stored !== undefined && stored.document.audience !== "public") {
    return refuse("forbidden", `Expected a post that everybody may read, but ${original} is for some only.`);
  }
  const again = repostOf === undefined ? undefined : repostBy(reader, account, repostOf);
  return again && refuse("conflict", `${original} was passed on already, by ${again}.`, { repost: again });
}

/** The post by which `account` of this hub passes on another. */
export function repostBy(reader: RecordReader, account: Iri, original: Iri): Iri | undefined {
  return repostsOf(reader, original, account)[0]?.repost;
}

/** The posts that pass on another, of everybody or of one account. */
export function repostsOf(
  reader: RecordReader,
  original: Iri,
  account?: Iri,
): readonly { readonly repost: Iri; readonly account: Iri }[] {
  const found: { readonly repost: Iri; readonly account: Iri }[] = [];
  let olderThan: string | undefined;
  do {
    const page = reader.list({
      scope: { kind: "reference", reference: "repost-of", target: original },
      limit: 1_000,
      ...(olderThan === undefined ? {} : { olderThan }),
    });
    for (const { graph, author } of page.documents) {
      if (author !== undefined && (account ?? author) === author) found.push({ repost: graph, account: author });
    }
    olderThan = page.older;
  } while (olderThan !== undefined);
  return found;
}
