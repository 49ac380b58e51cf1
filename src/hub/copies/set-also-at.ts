import type { Account } from "../../core/account.ts";
import { parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { whyNotPublisher } from "./copy-post.ts";
import { beginCopies } from "./keep-copies.ts";

/**
 * From now on the account's posts also stand in the microblog of `text`, one of its linked JIDs; an empty text ends
 * that, and leaves what stands there. Refuses with `conflict` a JID that is not linked, and what its server says when
 * the account's JID may not publish there.
 */
export async function setAlsoAt(hub: HubPorts, by: Requester, name: string, text: string): Promise<Account | Refusal> {
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const jid = text === "" ? undefined : parseBareJid(text);
  if (isRefusal(jid)) return jid;
  const { account } = own;
  if (jid !== undefined && !account.linkedJids.includes(jid)) {
    return refuse(
      "conflict",
      `Expected a linked JID of "${account.name}", but ${jid} is none; link it first with \`sterna account link ${jid}\`.`,
    );
  }
  const no = jid === undefined ? undefined : await whyNotPublisher(hub, account, jid);
  if (no !== undefined) {
    return refuse(
      no.code,
      `Expected ${account.jid} to be a publisher of the node ${MICROBLOG_NODE} of ${jid}, but: ${no.message} Make it one (affiliation "publisher") with an XMPP client, then try again.`,
      no.detail,
    );
  }
  const changed = await hub.records.transact((reader) => {
    const { alsoAt, ...before } = reader.account(account.name) ?? account;
    // One that stays keeps its beginning.
    const kept = alsoAt?.jid === jid ? alsoAt : undefined;
    const next: Account = jid === undefined ? before : { ...before, alsoAt: kept ?? { jid, since: hub.now() } };
    return { changes: [{ kind: "account-put", account: next }], result: next };
  });
  if (!isRefusal(changed)) beginCopies(hub, changed);
  return changed;
}
