import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { authenticate } from "../../../src/hub/accounts/authenticate.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { beginLogin, endLogin, type LoginBegun } from "../../../src/hub/accounts/jid-login.ts";
import { endLink, startLink } from "../../../src/hub/accounts/link-jid.ts";
import { talk } from "../../../src/hub/chat/talk.ts";
import { addAccount, type Holder, must, OWNER, openTestHub, type TestHub } from "../test-hub.ts";

const ALICE = "alice@far.example";
let hub: TestHub;
let alice: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { linkedJids: [ALICE] });
  await addAccount(hub, "bob", { linkedJids: ["bob@far.example"] });
});
afterEach(() => hub[Symbol.asyncDispose]());

const begin = (
  jid: string = ALICE,
  more: { readonly account?: string; readonly address?: string; readonly proxy?: string } = {},
) => beginLogin(hub.ports, jid, { address: "192.0.2.1", ...more });
const NOW = AbortSignal.abort();
const end = ({ login }: LoginBegun, signal: AbortSignal = NOW) => endLogin(hub.ports, login, signal);
const asked = () => hub.xmpp.confirms.at(-1)?.request;
const posts = () => hub.ports.records.reader.count({ kind: "all", documentKind: "post" });

/** A message of somebody: words, or a confirmation. */
async function say(from: string, body: string, confirmation?: { id: string; granted: boolean; thread?: string }) {
  const before = hub.xmpp.said.length;
  const message = { from: from as Jid, to: "hub.example" as Jid, body };
  await talk(hub.ports, confirmation === undefined ? message : { ...message, confirmation });
  return hub.xmpp.said[before]?.body;
}

describe("logging in by a JID (XEP-0070)", () => {
  it("asks the person, naming the same transaction on both sides, and gives a token once when they confirm", async () => {
    const begun = must(begin());
    expect(hub.xmpp.confirms).toMatchObject([{ from: "hub.example", to: ALICE, request: { id: begun.transaction } }]);
    expect(asked()?.words).toContain(begun.transaction);
    expect(asked()?.words).not.toContain(begun.login);
    const waiting = end(begun, new AbortController().signal);
    const { id = "", thread = "" } = asked() ?? {};
    await say(`${ALICE}/phone`, "", { id, granted: true, thread });
    const ended = must(await waiting);
    if (ended === "waiting") throw new Error(ended);
    expect(must(authenticate(hub.ports, ended.token))).toMatchObject({ kind: "account", account: { name: "alice" } });
    expect(await end(begun)).toMatchObject({ code: "gone" });
  });

  it("takes the answer of a client that was asked by its full JID, and its no", async () => {
    hub.xmpp.confirming = async (to) => (to.endsWith("/yes") ? "granted" : "denied");
    const yes = must(begin(`${ALICE}/yes`));
    expect(must(await end(yes, new AbortController().signal))).toMatchObject({ account: "alice" });
    const no = must(begin(`${ALICE}/no`));
    expect(await end(no, new AbortController().signal)).toMatchObject({ code: "forbidden" });
  });

  it("takes OK and No as words, with the transaction where several wait, and posts neither", async () => {
    const first = must(begin());
    expect(await say(`${ALICE}/x`, " Ok. ")).toContain("is confirmed");
    expect(must(await end(first))).toMatchObject({ account: "alice" });
    const [second, third] = [must(begin()), must(begin())];
    expect(await say(ALICE, "no")).toContain("name the transaction");
    expect(await say(ALICE, `no ${second.transaction.toLowerCase()}`)).toContain("refused");
    expect(await end(second)).toMatchObject({ code: "forbidden" });
    expect(await end(third)).toBe("waiting");
    expect(await say(ALICE, "OK")).toContain(third.transaction);
    expect(await say(ALICE, "OK")).toContain("No login waits");
    expect(posts()).toBe(0);
    hub.clock.advance(11 * 60_000);
    expect(await say(ALICE, "OK")).toContain("Posted");
  });

  it("believes nobody but that JID: no forged, replayed or mixed-up confirmation", async () => {
    const begun = must(begin());
    const { id = "", thread = "" } = asked() ?? {};
    const lookalike = "\u0430lice@far.example";
    for (const from of ["bob@far.example/x", "eve@far.example", "alice@far.example.evil", lookalike]) {
      await say(from, "", { id, granted: true, thread });
      await say(from, `OK ${id}`);
    }
    await say(ALICE, "", { id, granted: true, thread: "another" });
    await say(ALICE, "", { id: "000000", granted: true });
    expect(await end(begun)).toBe("waiting");
    await say(ALICE, "", { id, granted: false, thread });
    await say(ALICE, "", { id, granted: true, thread });
    expect(await end(begun)).toMatchObject({ code: "forbidden" });
    const next = must(begin());
    await say(ALICE, "", { id, granted: true, thread });
    expect(await end(next)).toBe("waiting");
  });

  it("answers the same for a JID that nobody has linked, and asks nobody", async () => {
    const [known, unknown] = [must(begin()), must(begin("nobody@far.example"))];
    expect(Object.keys(unknown)).toEqual(Object.keys(known));
    expect(unknown.seconds).toBe(known.seconds);
    expect(hub.xmpp.confirms).toHaveLength(1);
    await say("nobody@far.example", "", { id: unknown.transaction, granted: true });
    await say("nobody@far.example", `OK ${unknown.transaction}`);
    expect([await end(known), await end(unknown)]).toEqual(["waiting", "waiting"]);
    hub.clock.advance(6 * 60_000);
    const [late, never] = [await end(known), await end(unknown)];
    expect(late).toMatchObject({ code: "timed-out", message: expect.stringContaining(known.transaction) });
    expect({ ...(late as object), message: "" }).toEqual({ ...(never as object), message: "" });
    hub.clock.advance(6 * 60_000);
    expect(await end(known)).toMatchObject({ code: "not-found" });
  });

  it("confirms nothing after its time, and nothing for a JID that was unlinked meanwhile", async () => {
    const late = must(begin());
    hub.clock.advance(6 * 60_000);
    await say(ALICE, "", { id: late.transaction, granted: true });
    expect(await end(late)).toMatchObject({ code: "timed-out" });
    const begun = must(begin());
    await say(ALICE, `OK ${begun.transaction}`);
    must(await updateAccount(hub.ports, OWNER, "alice", { linkedJids: [] }));
    expect(await end(begun)).toMatchObject({ code: "timed-out" });
  });

  it("is bounded by JID and by address, alike for who is known and who is not, and again possible later", () => {
    for (const jid of [ALICE, "nobody@far.example"]) {
      for (let at = 0; at < 5; at++) must(begin(jid));
      expect(begin(jid, { address: "192.0.2.9" })).toMatchObject({ code: "too-many" });
    }
    for (let at = 0; at < 20; at++) must(begin(`n${at}@far.example`));
    expect(begin("new@far.example")).toMatchObject({ code: "too-many" });
    must(begin("new@far.example", { address: "192.0.2.2" }));
    hub.clock.advance(6 * 60_000);
    must(begin());
    expect(hub.xmpp.confirms).toHaveLength(6);
  });

  it("is bounded for all that come by one proxy together, whatever addresses it names", () => {
    const through = (at: number) => begin(`n${at}@far.example`, { address: `10.0.0.1 ${at}`, proxy: "10.0.0.1" });
    for (let at = 0; at < 1_000; at++) must(through(at));
    expect(through(1_000)).toMatchObject({ code: "too-many" });
    must(begin("n1000@far.example"));
  });

  it("chooses the account that is named, and asks nobody for one that the JID is not linked to", async () => {
    await addAccount(hub, "work", { linkedJids: [ALICE] });
    const begun = must(begin(ALICE, { account: "work" }));
    expect(asked()?.words).toContain("as work");
    await say(ALICE, "OK");
    expect(must(await end(begun))).toMatchObject({ account: "work" });
    must(begin(ALICE, { account: "bob" }));
    expect(hub.xmpp.confirms).toHaveLength(1);
  });

  it.each(["", "far.example", "not a jid", "@far.example", "x".repeat(5_000)])(
    "refuses %s as no person's JID",
    (jid) => {
      expect(begin(jid)).toMatchObject({ code: "invalid" });
    },
  );

  it("says that there is no XMPP", () => {
    hub.xmpp.become("connecting");
    expect(begin()).toMatchObject({ code: "unavailable" });
  });
});

describe("linking a JID by giving back the code that was sent there", () => {
  const NEW = "alice@new.example";
  const codeSent = () => /: ([0-9a-f]{10})\n/.exec(hub.xmpp.said.at(-1)?.body ?? "")?.[1] ?? "";
  const linked = () => hub.ports.records.reader.accountsOfLinkedJid(NEW as BareJid).map(({ name }) => name);

  it("links it for the account that asked, once", async () => {
    must(await startLink(hub.ports, alice, "alice", NEW));
    const bob = { ...alice, account: must(await updateAccount(hub.ports, OWNER, "bob", {})) };
    expect(await endLink(hub.ports, bob, "alice", NEW, codeSent())).toMatchObject({ code: "forbidden" });
    expect(await endLink(hub.ports, bob, "bob", NEW, codeSent())).toMatchObject({ code: "not-found" });
    expect(linked()).toEqual([]);
    must(await endLink(hub.ports, alice, "alice", NEW, ` ${codeSent().toUpperCase()} `));
    expect(linked()).toEqual(["alice"]);
    expect(await endLink(hub.ports, alice, "alice", NEW, codeSent())).toMatchObject({ code: "not-found" });
  });

  it("counts wrong codes from both sides together", async () => {
    must(await startLink(hub.ports, alice, "alice", NEW));
    const right = codeSent();
    for (let at = 0; at < 3; at++) {
      expect(await endLink(hub.ports, alice, "alice", NEW, `000000000${at}`)).toMatchObject({ code: "invalid" });
    }
    for (let at = 0; at < 2; at++) await say(NEW, `111111111${at}`);
    expect(await endLink(hub.ports, alice, "alice", NEW, right)).toMatchObject({ code: "not-found" });
    expect(linked()).toEqual([]);
  });
});
