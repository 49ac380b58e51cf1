import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { onlyAccounts } from "../accounts/authenticate.ts";
import { followedBy } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { ListCursor } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { type PostView, viewPost, viewPosts } from "./post-view.ts";

/** A page of a timeline, newest first, and the cursors of what lies beyond it. */
export interface Timeline {
  readonly posts: readonly PostView[];
  readonly newer?: ListCursor;
  readonly older?: ListCursor;
}

/** The home timeline: the requester's own posts and those of the accounts it follows. */
export function readTimeline(
  hub: HubPorts,
  by: Requester,
  query: { readonly limit: number; readonly olderThan?: ListCursor; readonly newerThan?: ListCursor },
): Timeline | Refusal {
  if (by.kind !== "account") return onlyAccounts(by, "have a timeline");
  const { documents, ...cursors } = hub.records.reader.list({
    scope: { kind: "authors", authors: [by.iri, ...followedBy(hub, by.iri)], documentKind: "post" },
    audience: by.iri,
    ...query,
  });
  return { posts: viewPosts(hub, documents), ...cursors };
}

/** What happened in a timeline. */
export interface TimelineChange {
  readonly kind: "posted" | "edited" | "deleted";
  readonly iri: Iri;
  readonly post?: PostView;
}

/** Calls back for each post that comes into the requester's home timeline, changes there, or leaves it. */
export function watchTimeline(
  hub: HubPorts,
  by: Requester,
  listener: (change: TimelineChange) => void,
): (() => void) | Refusal {
  if (by.kind !== "account") return onlyAccounts(by, "have a timeline");
  const follower = by.iri;
  const read = (): ReadonlySet<Iri> => new Set([follower, ...followedBy(hub, follower)]);
  let authors = read();
  return hub.records.onCommit(({ changes }) => {
    if (changes.some(({ before, after }) => (after ?? before)?.kind === "follow")) authors = read();
    for (const { graph, before, after } of changes) {
      const document = after ?? before;
      if (document?.kind !== "post" || document.author === undefined || !authors.has(document.author)) continue;
      if (after === undefined) listener({ kind: "deleted", iri: graph });
      else {
        const post = viewPost(hub, after);
        if (post !== undefined) listener({ kind: before === undefined ? "posted" : "edited", iri: graph, post });
      }
    }
  });
}
