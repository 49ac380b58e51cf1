import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { namedNode, quad } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { followers, following, noAccount } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { type AccountView, type Description, nothing, type PageWish } from "./description.ts";
import { contains, creatorQuads, postQuads, union } from "./page-quads.ts";
import { cursorsOf, listPosts, pageVersion } from "./post-list.ts";

/** An account of this hub with its counts. */
export function viewAccount(hub: HubPorts, account: Account): AccountView {
  const { reader } = hub.records;
  const iris = accountIris(hub.identity.base, account.name);
  const told = followers(hub, account.name);
  return {
    name: account.name,
    displayName: account.displayName,
    ...(account.bio === undefined ? {} : { bio: account.bio }),
    ...(account.homepage === undefined ? {} : { homepage: account.homepage }),
    ...(account.image === undefined ? {} : { image: account.image }),
    jid: account.jid,
    iris,
    posts: reader.count({ kind: "container", container: iris.container }),
    following: reader.count({ kind: "authors", authors: [iris.account], documentKind: "follow" }),
    followers: isRefusal(told) ? 0 : told.length,
  };
}

/** An account's profile with its posts. */
export function describeAccount(hub: HubPorts, account: Account, wish: PageWish): Description | Refusal {
  const iris = accountIris(hub.identity.base, account.name);
  const stored = hub.records.reader.document(iris.profile);
  if (stored?.kind !== "live") return noAccount(account.name);
  const list = listPosts(hub, { kind: "container", container: iris.container }, wish);
  const watches = hub.records.reader.watches(account.name).filter(({ isPublic }) => isPublic).length;
  const view = { ...viewAccount(hub, account), watches };
  return {
    ...nothing,
    subject: iris.profile,
    kind: "account",
    title: account.displayName,
    quads: union(stored.document.quads, contains(iris.container, list.documents), postQuads(hub, list.documents)),
    version: pageVersion(hub, list.documents, `${stored.version} ${JSON.stringify(view)}`),
    posts: list.posts,
    feed: iris.feed,
    account: view,
    ...cursorsOf(list),
  };
}

/** The posts of an account. */
export function describeContainer(hub: HubPorts, account: Account, wish: PageWish): Description {
  const iris = accountIris(hub.identity.base, account.name);
  const list = listPosts(hub, { kind: "container", container: iris.container }, wish);
  const container = namedNode(iris.container);
  const self = [
    quad(container, rdf.type, sioct.Microblog),
    quad(container, sioc.has_owner, namedNode(iris.account)),
    quad(container, sioc.has_space, namedNode(hub.identity.base)),
  ];
  return {
    ...nothing,
    subject: iris.container,
    kind: "container",
    title: `Posts of ${account.displayName}`,
    quads: union(self, contains(iris.container, list.documents), postQuads(hub, list.documents)),
    version: pageVersion(hub, list.documents, account.displayName),
    posts: list.posts,
    feed: iris.feed,
    account: viewAccount(hub, account),
    ...cursorsOf(list),
  };
}

/** Whom an account follows, or who follows it. */
export function describeFollows(
  hub: HubPorts,
  by: Requester,
  account: Account,
  kind: "following" | "followers",
): Description | Refusal {
  const iris = accountIris(hub.identity.base, account.name);
  const found = kind === "following" ? following(hub, by, account.name) : followers(hub, account.name);
  if (isRefusal(found)) return found;
  const self = namedNode(iris.account);
  const quads = found.flatMap((other) => {
    if (other.account === undefined) return [];
    const iri = namedNode(other.account);
    const follows = kind === "following" ? quad(self, sioc.follows, iri) : quad(iri, sioc.follows, self);
    return [follows, ...creatorQuads(hub, other.account)];
  });
  return {
    ...nothing,
    subject: iris[kind],
    kind,
    title: kind === "following" ? `Whom ${account.displayName} follows` : `Who follows ${account.displayName}`,
    quads: union(quads, creatorQuads(hub, iris.account)),
    version: hub.hash(JSON.stringify(found)).slice(0, 20),
    follows: found,
    account: viewAccount(hub, account),
  };
}
