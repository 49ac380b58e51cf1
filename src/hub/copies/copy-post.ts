import { entryToXml } from "../../atom/xml.ts";
import type { Account } from "../../core/account.ts";
import { postIri } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { isIri } from "../../rdf/iri.ts";
import { isPlain } from "../accounts/plain-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { entryOfPost } from "../posts/publish-post.ts";

/**
 * Brings one post's copy in the person's own microblog to what the post is now: published, published anew after an
 * edit, retracted after a deletion. The account's JID does it, as a publisher that the node's owner has let in
 * (XEP-0060 §4.1). The entry's author is the person's JID, whose node it is; its comments stay those of the post here.
 */
export async function copyPost(
  hub: HubPorts,
  account: Account,
  { jid, since }: NonNullable<Account["alsoAt"]>,
  id: ItemId,
): Promise<Refusal | undefined> {
  const { reader } = hub.records;
  const stored = reader.document(postIri(hub.identity.base, account.name, id));
  const copy = { account: account.name, jid, id };
  const copied = reader.copiedVersion(copy);
  if (stored?.kind !== "live") {
    if (copied === undefined) return undefined;
    const no = await hub.xmpp.retract(account.jid, jid, MICROBLOG_NODE, id);
    // What its owner has taken out is out.
    const isOut = no === undefined || no.code === "not-found" || (await isForbiddenPublisher(hub, account, jid, no));
    return isOut ? await note(hub, { kind: "copy-removed", copy }) : no;
  }
  const { document, version } = stored;
  if (copied === version || (copied === undefined && document.created < since)) return undefined;
  const post = postFromQuads(document.quads, document.graph);
  if (isRefusal(post)) return post;
  const payload = entryToXml(entryOfPost(hub, account, post, document.quads, jid));
  const no = await hub.xmpp.publish(account.jid, jid, MICROBLOG_NODE, { id, payload });
  return no ?? (await note(hub, { kind: "copy-put", copy: { ...copy, version } }));
}

async function note(hub: HubPorts, change: RecordChange): Promise<Refusal | undefined> {
  return await hub.records.transact(() => ({ changes: [change], result: undefined }));
}

/** An item id that no post has. */
const NO_POST = "sterna-may-publish" as ItemId;

/**
 * Why an account may not publish in the microblog of `jid`; undefined when it may. Asked by taking out an item that is
 * not there, which changes nothing and needs the same right (XEP-0060 §7.2.3).
 */
export async function whyNotPublisher(hub: HubPorts, account: Account, jid: BareJid): Promise<Refusal | undefined> {
  const no = await hub.xmpp.retract(account.jid, jid, MICROBLOG_NODE, NO_POST);
  if (no === undefined || (await isForbiddenPublisher(hub, account, jid, no))) return undefined;
  // With a node and the right to publish, what is missing is the item alone.
  return no.code === "not-found" && (await hasNode(hub, jid)) ? undefined : no;
}

/** COMPAT: ejabberd 26.07 forbids a publisher to take out what is not there; but it says who is one. */
async function isForbiddenPublisher(hub: HubPorts, account: Account, jid: BareJid, no: Refusal): Promise<boolean> {
  if (no.code !== "remote-refused") return false;
  const affiliation = await hub.xmpp.affiliation(account.jid, jid, MICROBLOG_NODE);
  return affiliation === "publisher" || affiliation === "owner" || affiliation === "publish-only";
}

async function hasNode(hub: HubPorts, jid: BareJid): Promise<boolean> {
  const page = { max: 1, order: "creation" } as const;
  const found = await hub.xmpp.items(jid, MICROBLOG_NODE, { page });
  // A node that the hub may not read is one that it may yet publish at.
  return !isRefusal(found) || found.code !== "not-found";
}

/** Whether an item of a plain account is only the copy of a post of this hub. */
export function isOwnCopy(hub: HubPorts, upstream: Upstream, { payload }: InboundItem): boolean {
  if (upstream.commentsOn !== undefined || !isPlain(upstream)) return false;
  const id =
    payload
      ?.getChildElements()
      .find((child) => child.getName() === "id")
      ?.getText()
      .trim() ?? "";
  return id.startsWith(hub.identity.base) && isIri(id) && hub.records.reader.document(id) !== undefined;
}
