import type { AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { parseBareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";

/** The account that `@name` or `@name@domain` means, if this hub knows it: one of its own, or one it follows. */
export function resolveMention(
  hub: HubPorts,
  reader: RecordReader,
  name: string,
  domain: string | undefined,
): Iri | undefined {
  const jid = parseBareJid(`${name}@${domain ?? hub.identity.domain}`);
  if (isRefusal(jid)) return undefined;
  const host = new URL(hub.identity.base).host;
  if (domain === undefined || domain === host || jid.endsWith(`@${hub.identity.domain}`)) {
    const account = reader.account(jid.slice(0, jid.indexOf("@")) as AccountName);
    if (account !== undefined) return accountIris(hub.identity.base, account.name).account;
  }
  return reader.upstreamOf(jid, MICROBLOG_NODE)?.account;
}
