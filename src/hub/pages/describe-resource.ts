import type { AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn, documentOf, itemIdIn } from "../../core/hub-iris.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { describeNote, describeNotes } from "../graphs/describe-note.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import { viewCreator, viewPost } from "../posts/post-view.ts";
import { describeAccount, describeContainer, describeFollows } from "./describe-account.ts";
import { describeHub } from "./describe-hub.ts";
import { describePost, titleOf } from "./describe-post.ts";
import { describeTag, describeTags } from "./describe-tag.ts";
import { type Description, nothing, type PageWish } from "./description.ts";

/**
 * What the hub says about one of its own IRIs. Refuses with `gone` for deleted posts (detail `deleted`), and with
 * `not-found` for what was never there or is not for the requester. Pages are made from the documents in `hub.db`, so
 * that they also show what the query store no longer holds.
 */
export async function describeResource(
  hub: HubPorts,
  by: Requester,
  iri: Iri,
  wish: PageWish = {},
): Promise<Description | Refusal> {
  const { base } = hub.identity;
  const document = documentOf(iri);
  if (document === base) return describeHub(hub, wish);
  if (document === `${base}tags`) return await describeTags(hub, by);
  if (document.startsWith(`${base}tags/`)) return describeTag(hub, document, wish);
  const name = accountNameIn(base, document);
  const account = name === undefined ? undefined : hub.records.reader.account(name as AccountName);
  if (account === undefined)
    return refuse("not-found", `Expected something of this hub, but there is nothing at ${iri}.`);
  const iris = accountIris(base, account.name);
  switch (document) {
    case iris.profile:
      return describeAccount(hub, account, wish);
    case iris.container:
      return describeContainer(hub, account, wish);
    case iris.following:
      return describeFollows(hub, by, account, "following");
    case iris.followers:
      return describeFollows(hub, by, account, "followers");
    case iris.graphs:
      return { ...nothing, ...describeNotes(hub, by, account) };
    default:
      if (itemIdIn(iris.container, document) !== undefined) return await describePost(hub, by, document);
      return describeOther(hub, by, document);
  }
}

/** Any other own document by its IRI: a note, a single follow, or what was imported under the hub's base. */
function describeOther(hub: HubPorts, by: Requester, iri: Iri): Description | Refusal {
  const stored = hub.records.reader.document(iri);
  if (stored?.kind !== "live" || !maySee(by, stored.document)) {
    return stored?.kind === "tombstone"
      ? refuse("gone", `${iri} was deleted on ${stored.tombstone.deleted.slice(0, 10)}.`, {
          deleted: stored.tombstone.deleted,
        })
      : refuse("not-found", `Expected something of this hub, but there is nothing at ${iri}.`);
  }
  if (stored.document.kind === "note") return { ...nothing, ...describeNote(stored.document, stored.version) };
  const view = viewPost(hub, stored.document);
  const author = stored.document.author === undefined ? "" : viewCreator(hub, stored.document.author).name;
  return {
    ...nothing,
    subject: iri,
    kind: "post",
    title: view === undefined ? `A statement of ${author}` : titleOf(view),
    quads: stored.document.quads,
    version: `${stored.version}`,
    posts: view === undefined ? [] : [view],
  };
}
