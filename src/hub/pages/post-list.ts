import type { Document } from "../../rdf/document.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { ListCursor, ListScope } from "../ports/records.ts";
import { viewPosts } from "../posts/post-view.ts";
import { PAGE_POSTS, PAGE_POSTS_MAX, type PageWish } from "./description.ts";

/** One page of a list of posts. */
export function listPosts(hub: HubPorts, scope: ListScope, wish: PageWish) {
  const limit = Math.min(PAGE_POSTS_MAX, Math.max(1, wish.limit ?? PAGE_POSTS));
  const { limit: _, ...cursors } = wish;
  const { documents, newer, older } = hub.records.reader.list({ scope, limit, ...cursors });
  return {
    documents,
    posts: viewPosts(hub, documents),
    ...(newer === undefined ? {} : { newer }),
    ...(older === undefined ? {} : { older }),
  };
}

/** Where the pages before and after a page begin. */
export function cursorsOf({ newer, older }: { readonly newer?: ListCursor; readonly older?: ListCursor }) {
  return { ...(newer === undefined ? {} : { newer }), ...(older === undefined ? {} : { older }) };
}

/** The version of a page that shows documents, and of what else it shows. */
export function pageVersion(hub: HubPorts, documents: readonly Document[], extra = ""): string {
  const parts = documents.map(({ graph, created, modified }) => `${graph} ${modified ?? created}`);
  return hub.hash(`${extra}\n${parts.join("\n")}`).slice(0, 20);
}
