import { namedNode, quad } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { hubToQuads, serviceDescription } from "../queries/service-description.ts";
import { viewAccount } from "./describe-account.ts";
import { type Description, nothing, type PageWish } from "./description.ts";
import { creatorQuads, postQuads, union } from "./page-quads.ts";
import { cursorsOf, listPosts, pageVersion } from "./post-list.ts";

/** The hub: what it is, its accounts and the newest posts. */
export async function describeHub(hub: HubPorts, wish: PageWish): Promise<Description> {
  const { reader } = hub.records;
  const list = listPosts(hub, { kind: "all", documentKind: "post", origin: "own" }, wish);
  const accounts = reader
    .accounts()
    .slice(0, 100)
    .map((account) => viewAccount(hub, account));
  const self = namedNode(hub.identity.base);
  const spaces = accounts.flatMap(({ iris }) => [
    quad(self, sioc.space_of, namedNode(iris.container)),
    quad(namedNode(iris.container), sioc.has_owner, namedNode(iris.account)),
    ...creatorQuads(hub, iris.account),
  ]);
  const quads = union(hubToQuads(hub), await serviceDescription(hub), spaces, postQuads(hub, list.documents));
  return {
    ...nothing,
    subject: hub.identity.base,
    kind: "hub",
    title: hub.identity.title,
    quads,
    version: pageVersion(
      hub,
      list.documents,
      `${hub.quads.version} ${JSON.stringify(accounts)} ${hub.xmpp.status.kind}`,
    ),
    posts: list.posts,
    accounts,
    ...cursorsOf(list),
  };
}
