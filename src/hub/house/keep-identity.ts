import { parseBareJid } from "../../core/jid.ts";
import { Fault } from "../../outcome/fault.ts";
import type { Log } from "../ports/hub-ports.ts";
import type { RecordChange, Records } from "../ports/records.ts";

/** What others know a hub by: the beginning of its IRIs, and the domain of its JIDs, prepared. */
interface HubIdentity {
  readonly base: string;
  readonly domain: string;
}

/** Under this key the records say that the JIDs in them are prepared as they are compared (RFC 7622). */
const JIDS_KEY = "jids";

/**
 * Writes down what a hub is called, and JIDs of earlier versions as they are compared now. Throws a Fault where the
 * hub has accounts and began under another base or domain; a domain in the form `xn--…` is the same as its U-label.
 * Accounts whose names no JID can have (they are from before RFC 7622) are told of in the log, one sentence each.
 */
export async function keepIdentity(records: Records, now: HubIdentity, log: Log): Promise<void> {
  const { reader } = records;
  for (const [key, option] of [
    ["base", "STERNA_BASE"],
    ["domain", "XMPP_DOMAIN"],
  ] as const) {
    const before = reader.meta(key);
    const isSame = before === now[key] || (key === "domain" && parseBareJid(before ?? "") === now.domain);
    if (before !== undefined && !isSame && reader.accounts().length > 0) {
      throw new Fault(
        "configuration",
        `${option}: this hub began as ${before}, and its posts and followers know it by that, but now it is ${now[key]}. Start it with ${option}=${before}, or export its data and import it into a new hub.`,
      );
    }
  }
  const prepared: readonly RecordChange[] =
    reader.meta(JIDS_KEY) === undefined
      ? [{ kind: "jids-prepared" }, { kind: "meta-put", key: JIDS_KEY, value: "RFC 7622" }]
      : [];
  await records.transact(() => ({
    changes: [
      ...prepared,
      { kind: "meta-put", key: "base", value: now.base },
      { kind: "meta-put", key: "domain", value: now.domain },
    ],
    result: undefined,
  }));
  for (const { name, jid } of reader.accounts()) {
    if (parseBareJid(jid) === jid) continue;
    const problem = `No XMPP address can have the name "${name}" (RFC 7622), so nobody reaches this account over XMPP; its pages, feed and posts stay. Add an account with another name for what is to be followed.`;
    log.warn({ account: name, problem }, "account-without-address");
  }
}
