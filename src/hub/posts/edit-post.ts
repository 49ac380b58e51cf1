import { accountIris, accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import { composeEdit } from "../../core/posts/compose.ts";
import type { Draft } from "../../core/posts/draft.ts";
import { type Post, postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import { answerSoon } from "../comments/comments-place.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { withNamed } from "./item-place.ts";
import { composeContext, type PublishedPost, postChanges } from "./publish-post.ts";

/**
 * Puts a new text in the place of the post `iri`, same id, with its older version kept under `?version=n` and the
 * subscribers told. `wish.ifVersion` refuses with `precondition-failed` when somebody was faster.
 */
export async function editPost(
  hub: HubPorts,
  by: Requester,
  iri: Iri,
  typed: Draft,
  wish: { readonly ifVersion?: number; readonly publisher?: BareJid } = {},
): Promise<PublishedPost | Refusal> {
  const own = ownAccount(hub, by, accountNameIn(hub.identity.base, iri) ?? "");
  if (isRefusal(own)) return own;
  const draft = withNamed(hub, typed);
  const edited = await hub.records.transact((reader) => {
    const found = livePost(reader, iri, wish.ifVersion);
    if (isRefusal(found)) return found;
    const now = later(hub.now(), found.post.modified ?? found.post.created);
    const previousVersion = `${iri}?version=${found.version}`;
    const post = composeEdit(draft, found.post, {
      ...composeContext(hub, reader, own.account, own.iris, draft.replyOf ?? found.post.replyOf, now),
      previousVersion: isIri(previousVersion) ? previousVersion : iri,
    });
    if (isRefusal(post)) return post;
    const changes = postChanges(hub, reader, own.account, post, now, wish.publisher);
    if (isRefusal(changes)) return changes;
    const { container } = accountIris(hub.identity.base, own.account.name);
    return {
      changes: [{ kind: "version-kept", graph: iri, version: found.version }, ...changes],
      result: {
        iri,
        id: itemIdIn(container, iri) ?? (iri as never),
        version: found.version + 1,
        created: post.created,
        modified: now,
      },
    };
  });
  const after = livePost(hub.records.reader, iri, undefined);
  if (!isRefusal(edited) && !isRefusal(after)) answerSoon(hub, after.post.replyOf);
  return edited;
}

/** The post `iri` as it stands, or why it can be neither edited nor deleted. */
export function livePost(
  reader: RecordReader,
  iri: Iri,
  ifVersion: number | undefined,
): { readonly post: Post; readonly version: number } | Refusal {
  const found = reader.document(iri);
  if (found === undefined) return refuse("not-found", `Expected a post of this hub, but there is none at ${iri}.`);
  if (found.kind === "tombstone") {
    return refuse("gone", `The post ${iri} was deleted at ${found.tombstone.deleted}.`, {
      deleted: found.tombstone.deleted,
    });
  }
  if (found.document.kind !== "post") return refuse("not-found", `Expected a post, but ${iri} is something else.`);
  if (ifVersion !== undefined && ifVersion !== found.version) {
    return refuse(
      "precondition-failed",
      `Expected version ${ifVersion} of ${iri}, but it is at version ${found.version}; read it again first.`,
    );
  }
  const post = postFromQuads(found.document.quads, iri);
  return isRefusal(post) ? post : { post, version: found.version };
}

// An edit within the same millisecond must still be newer than what it replaces, or receivers take it for a copy.
function later(now: Instant, than: Instant): Instant {
  return now > than ? now : instantOf(epochMs(than) + 1);
}
