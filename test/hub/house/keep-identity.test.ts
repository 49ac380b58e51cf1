import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Account, AccountName } from "../../../src/core/account.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { keepIdentity } from "../../../src/hub/house/keep-identity.ts";
import type { RecordChange } from "../../../src/hub/ports/records.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE, microblogNode } from "../../../src/pubsub/configuration.ts";
import { openTestHub, type TestHub } from "../test-hub.ts";

const BASE = "https://bücher.example/";
const ENCODED = "xn--bcher-kva.example";
const DOMAIN = "bücher.example";
const STRANGER = "bob@far.example/x" as Jid;

let hub: TestHub;
beforeEach(async () => {
  hub = await openTestHub({ base: BASE, domain: DOMAIN });
});
afterEach(() => hub[Symbol.asyncDispose]());

/** What an earlier version has written of an account, its microblog and who is subscribed. */
async function began(name: string, domain: string): Promise<void> {
  const created = hub.clock.now();
  const jid = `${name}@${domain}` as BareJid;
  const linkedJids = ["eva@xn--mller-kva.example" as BareJid];
  const account: Account = { name: name as AccountName, jid, displayName: name, linkedJids, created };
  const at = { service: jid, node: MICROBLOG_NODE };
  const reader = "xn--mller-kva.example" as BareJid;
  const changes: readonly RecordChange[] = [
    { kind: "account-put", account },
    { kind: "node-put", node: microblogNode(jid, name, created) },
    { kind: "affiliation-put", ...at, jid, affiliation: "owner" },
    { kind: "subscription-put", subscription: { ...at, jid: reader, subid: "s", state: "subscribed", created } },
    { kind: "meta-put", key: "base", value: BASE },
    { kind: "meta-put", key: "domain", value: domain },
  ];
  await hub.ports.records.transact(() => ({ changes, result: undefined }));
}

const start = async (domain = DOMAIN, base = BASE) =>
  await keepIdentity(hub.ports.records, { base, domain }, hub.ports.log);

describe("a hub whose domain an earlier version wrote in the form xn--…", () => {
  it("starts, and is the same to everybody", async () => {
    await began("alice", ENCODED);
    await start();
    const { reader } = hub.ports.records;
    const service = `alice@${DOMAIN}` as BareJid;
    expect(reader.meta("domain")).toBe(DOMAIN);
    expect(reader.accounts()).toMatchObject([{ jid: service, linkedJids: ["eva@müller.example"] }]);
    expect(reader.accountsOfLinkedJid("eva@müller.example" as BareJid)).toHaveLength(1);
    expect(reader.affiliation(service, MICROBLOG_NODE, service)).toBe("owner");
    expect(reader.subscriptions(service, MICROBLOG_NODE)).toMatchObject([{ jid: "müller.example" }]);
    const request = { kind: "subscribe", service, node: MICROBLOG_NODE, jid: STRANGER } as const;
    expect(await handlePubsub(hub.ports, request, STRANGER)).toMatchObject({ kind: "subscribed" });
    // And the next time.
    await start();
    expect(hub.logged).toEqual([]);
  });

  it("does not start under another domain or base, whatever form it is written in", async () => {
    await began("alice", ENCODED);
    await expect(start("xn--mller-kva.example")).rejects.toThrow(/XMPP_DOMAIN: this hub began as xn--bcher-kva/);
    await expect(start(DOMAIN, "https://hub.example/")).rejects.toThrow(/STERNA_BASE: this hub began as/);
    expect(hub.ports.records.reader.accounts()).toMatchObject([{ jid: `alice@${ENCODED}` }]);
  });
});

it("names the accounts whose names no JID can have, and starts all the same", async () => {
  await began("a½", DOMAIN);
  await start();
  expect(hub.logged).toMatchObject([{ event: "account-without-address", detail: { account: "a½" } }]);
  expect(hub.logged[0]?.detail["problem"]).toMatch(/its pages, feed and posts stay/);
});
