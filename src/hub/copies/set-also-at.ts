import type { Account } from "../../core/account.ts";
import { type BareJid, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { whyNotPublisher } from "./copy-post.ts";
import { beginCopies } from "./keep-copies.ts";

/** Where copies of an account's posts may go: nowhere, or a JID whose server was asked. */
export interface CopyPlace {
  readonly account: Account;
  readonly jid: BareJid | undefined;
}

/**
 * Finds the place that `text` means for copies of an account's posts: one of its linked JIDs, or none for an empty text.
 * Changes nothing. Refuses with `conflict` a JID that is not linked, and what its server says when the account's JID may
 * not publish there.
 */
export async function placeForCopies(
  hub: HubPorts,
  by: Requester,
  name: string,
  text: string,
): Promise<CopyPlace | Refusal> {
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const jid = text === "" ? undefined : parseBareJid(text);
  if (isRefusal(jid)) return jid;
  const { account } = own;
  if (jid !== undefined && !account.linkedJids.includes(jid)) return notLinked(account, jid);
  const no = jid === undefined ? undefined : await whyNotPublisher(hub, account, jid);
  if (no !== undefined) {
    return refuse(
      no.code,
      `Expected ${account.jid} to be a publisher of the node ${MICROBLOG_NODE} of ${jid}, but: ${no.message} Make it one (affiliation "publisher") with an XMPP client, then try again.`,
      no.detail,
    );
  }
  return { account, jid };
}

/**
 * From now on the account's posts also stand in the microblog of a place that was found; none ends that, and leaves what
 * stands there. Refuses with `conflict` a JID that was unlinked meanwhile.
 */
export async function copyTo(hub: HubPorts, { account, jid }: CopyPlace): Promise<Account | Refusal> {
  const changed = await hub.records.transact((reader) => {
    const { alsoAt, ...before } = reader.account(account.name) ?? account;
    if (jid !== undefined && !before.linkedJids.includes(jid)) return notLinked(before, jid);
    // One that stays keeps its beginning.
    const kept = alsoAt?.jid === jid ? alsoAt : undefined;
    const next: Account = jid === undefined ? before : { ...before, alsoAt: kept ?? { jid, since: hub.now() } };
    return { changes: [{ kind: "account-put", account: next }], result: next };
  });
  if (!isRefusal(changed)) beginCopies(hub, changed);
  return changed;
}

function notLinked({ name }: Account, jid: BareJid): Refusal {
  return refuse(
    "conflict",
    `Expected a linked JID of "${name}", but ${jid} is none; link it first with \`sterna account link ${jid}\`.`,
  );
}
