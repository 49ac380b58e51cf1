import { afterAll, beforeAll, expect, it } from "vitest";
import { summaryFromXml } from "../../src/atom/attachments.ts";
import { parseXml } from "../../src/atom/xml.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { describeNeeding } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { LiberviaClient } from "./libervia-client.ts";
import { SlixmppClient } from "./slixmpp-client.ts";

const HUB = "here.localhost";
const SECRET = "tern";
const MICROBLOG = "urn:xmpp:microblog:0";
const ATTACHMENTS = "urn:xmpp:pubsub-attachments:1";
const SUMMARY = `urn:xmpp:pubsub-attachments:summary:1/${MICROBLOG}`;
const BOB = { jid: "bob@people.localhost", password: "sky" };
const CAROL = { jid: "carol@people.localhost", password: "sea" };

/** A hub with an account on a Prosody with two people who have none. */
async function openHub(stack: AsyncDisposableStack) {
  const prosody = stack.use(
    await startTestProsody({ components: [{ domain: HUB, secret: SECRET }], accounts: [BOB, CAROL] }),
  );
  const xmpp = { service: prosody.service, domain: HUB, secret: SECRET };
  const hub = stack.use(await HubProcess.start({ xmpp }));
  return { hub, alice: await hub.account("alice"), c2sPort: prosody.c2sPort };
}

/** What the hub's RDF says about a post: who likes it, and who reacted how. */
async function saidOf(hub: HubProcess, iri: string): Promise<readonly string[]> {
  const rows = await hub.select(
    `PREFIX as: <https://www.w3.org/ns/activitystreams#>
     SELECT ?type ?who ?emoji { ?act a ?type ; as:object <${iri}> ; as:actor ?who OPTIONAL { ?act as:content ?emoji } }`,
  );
  return rows.map(({ type = "", who, emoji = "" }) => `${type.split("#")[1]} ${who} ${emoji}`.trim()).sort();
}

await describeNeeding(["prosody", "slixmpp"], "people with slixmpp who attach what Libervia does", () => {
  const stack = new AsyncDisposableStack();
  let hub: HubProcess;
  let alice: TestAccount;
  let bob: SlixmppClient;
  let carol: SlixmppClient;

  beforeAll(async () => {
    const opened = await openHub(stack);
    ({ hub, alice } = opened);
    bob = stack.use(await SlixmppClient.open(opened.c2sPort, BOB.jid, BOB.password));
    carol = stack.use(await SlixmppClient.open(opened.c2sPort, CAROL.jid, CAROL.password));
  });
  afterAll(() => stack.disposeAsync());

  /** As a client writes it. */
  const nodeOf = (id: string) =>
    `${ATTACHMENTS}/xmpp:${alice.jid}?;node=${encodeURIComponent(MICROBLOG)};item=${encodeURIComponent(id)}`;
  const attach = (who: SlixmppClient, item: string, id: string, inner: string) =>
    who.ask("publish", {
      to: alice.jid,
      node: nodeOf(id),
      item,
      payload: `<attachments xmlns='${ATTACHMENTS}'>${inner}</attachments>`,
    }); // prettier-ignore
  const noticed = "<noticed timestamp='2026-07-11T12:07:24Z'/>";
  const reactions = (...signs: string[]) =>
    `<reactions timestamp='2026-07-11T12:07:48Z'>${signs.map((sign) => `<reaction>${sign}</reaction>`).join("")}</reactions>`;

  it("are liked, counted and told of, and take it back", async () => {
    const iri = await alice.post("Who saw the terns?");
    const id = iri.split("/").at(-1) ?? "";
    const { done } = await bob.ask("discover", { to: alice.jid });
    expect(done).toMatchObject({ features: expect.arrayContaining([ATTACHMENTS]) });
    await carol.ask("subscribe", { to: alice.jid, node: SUMMARY });

    expect(await attach(bob, BOB.jid, id, noticed)).toEqual({ done: BOB.jid });
    await carol.hears({ event: "published", node: SUMMARY, item: id });
    expect(await saidOf(hub, iri)).toEqual([`Like xmpp:${BOB.jid}`]);
    await attach(bob, BOB.jid, id, noticed + reactions("👷", "🔨"));
    await carol.hears({ event: "published", node: SUMMARY, item: id });
    await attach(carol, CAROL.jid, id, reactions("🔨"));
    await carol.hears({ event: "published", node: SUMMARY, item: id });
    expect(await saidOf(hub, iri)).toEqual([
      `Like xmpp:${BOB.jid}`,
      `Reaction xmpp:${BOB.jid} 👷`,
      `Reaction xmpp:${BOB.jid} 🔨`,
      `Reaction xmpp:${CAROL.jid} 🔨`,
    ]);

    const { done: payloads } = await bob.ask("payloads", { to: alice.jid, node: SUMMARY });
    const element = parseXml(String((payloads as Record<string, unknown>)[id]));
    if (isRefusal(element)) throw new Error(element.message);
    expect(summaryFromXml(element)).toEqual({
      noticed: 1,
      reactions: new Map([
        ["🔨", 2],
        ["👷", 1],
      ]),
    }); // prettier-ignore

    await bob.ask("retract", { to: alice.jid, node: nodeOf(id), item: BOB.jid });
    await carol.hears({ event: "published", node: SUMMARY, item: id });
    await attach(carol, CAROL.jid, id, "");
    await carol.hears({ event: "retracted", node: SUMMARY, item: id });
    expect(await saidOf(hub, iri)).toEqual([]);
  });

  it("are refused in somebody else's name, what is no emoji, and nodes of their own making", async () => {
    const id = (await alice.post("A gull.")).split("/").at(-1) ?? "";
    const no = (condition: string) => ({ no: expect.objectContaining({ condition }) });
    expect(await attach(bob, CAROL.jid, id, noticed)).toEqual(no("bad-request"));
    expect(await attach(bob, BOB.jid, id, reactions("lol"))).toEqual(no("bad-request"));
    expect(await attach(bob, BOB.jid, "neverwas", noticed)).toEqual(no("item-not-found"));
    expect(await bob.ask("create", { to: alice.jid, node: nodeOf(id), config: {} })).toEqual(no("not-allowed"));
  });
});

await describeNeeding(["prosody", "libervia", "dbus"], "people with Libervia", () => {
  const stack = new AsyncDisposableStack();
  let hub: HubProcess;
  let alice: TestAccount;
  let libervia: LiberviaClient;

  beforeAll(async () => {
    const opened = await openHub(stack);
    ({ hub, alice } = opened);
    libervia = stack.use(await LiberviaClient.open(opened.c2sPort, [BOB, CAROL]));
  });
  afterAll(() => stack.disposeAsync());

  it("notice a post, react to it and read what others attached", async () => {
    const iri = await alice.post("Who saw the terns?");
    const at = ["-s", alice.jid, "-n", MICROBLOG, "-i", iri.split("/").at(-1) ?? ""];
    const set = (who: string, ...wish: string[]) =>
      libervia.run(["pubsub", "attachments", "set", ...at, ...wish, "-p", who]);
    await set("bob", "-N", "true", "-r", "🎉");
    await set("carol", "-r", "🎉", "-r", "❤️");
    await hub.call("POST", "alice/likes", alice.token, { post: iri });
    expect(await saidOf(hub, iri)).toEqual([
      `Like ${alice.iri}`,
      `Like xmpp:${BOB.jid}`,
      `Reaction xmpp:${BOB.jid} 🎉`,
      `Reaction xmpp:${CAROL.jid} ❤️`,
      `Reaction xmpp:${CAROL.jid} 🎉`,
    ]);
    const got = await libervia.run(["pubsub", "attachments", "get", ...at, "-O", "json", "-p", "bob"]);
    const attached = JSON.parse(got) as readonly Record<string, unknown>[];
    const found = attached.map(({ from, ...rest }) => [
      from,
      rest["noticed"] !== undefined,
      rest["reactions"] !== undefined,
    ]);
    expect(new Set(found)).toEqual(
      new Set([
        [alice.jid, true, false],
        [BOB.jid, true, true],
        [CAROL.jid, false, true],
      ]),
    );
    await set("bob", "-N", "false");
    expect(await saidOf(hub, iri)).not.toContain(`Like xmpp:${BOB.jid}`);
  });
});
