import { accountIris } from "../../core/hub-iris.ts";
import { type BareJid, localOf } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";

/** Who talks: an account by one of its linked JIDs, with whom it talks. */
export interface Talker {
  readonly by: Requester & { readonly kind: "account" };
  readonly jid: BareJid;
  /** The JID that was written to and answers. */
  readonly service: BareJid;
}

/** As which account a JID talks at `service`; undefined for strangers, a sentence where it is not clear. */
export function talkerOf(
  hub: HubPorts,
  jid: BareJid,
  service: BareJid,
): Talker | { readonly sentence: string } | undefined {
  const accounts = hub.records.reader.accountsOfLinkedJid(jid);
  const [first, second] = accounts;
  const account = localOf(service) === undefined ? first : accounts.find((each) => each.jid === service);
  if (account === undefined) return undefined;
  if (localOf(service) === undefined && second !== undefined) {
    const names = accounts.map((each) => each.jid).join(", ");
    return { sentence: `Your address is linked to more than one account; write to one of ${names}.` };
  }
  const { account: iri } = accountIris(hub.identity.base, account.name);
  return { by: { kind: "account", account, iri }, jid, service };
}
