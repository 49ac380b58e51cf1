import { describe, expect, it } from "vitest";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { talk } from "../../../src/hub/chat/talk.ts";
import { describeService } from "../../../src/hub/pubsub/describe-service.ts";
import { listWatches } from "../../../src/hub/watches/watch-view.ts";
import { ask } from "../ask-hub.ts";
import { addAccount, must, post, type TestHub } from "../test-hub.ts";
import { openWatchingHub } from "./watching-hub.ts";

const PHONE = "alice@far.example/phone";
const DOMAIN = "hub.example" as BareJid;
const NODE = "watch/alice/terns";
const QUERY = `PREFIX sterna: &lt;https://w3id.org/sterna#&gt;
SELECT ?post WHERE { ?post sterna:matches "tern" }`;
const NS = "http://jabber.org/protocol/pubsub";

/** A hub with alice, who has a phone, and bob. */
async function openDoors() {
  const running = await openWatchingHub();
  const alice = await addAccount(running.hub, "alice", { linkedJids: ["alice@far.example"] });
  await addAccount(running.hub, "bob", { linkedJids: ["bob@far.example"] });
  const watches = () => must(listWatches(running.hub.ports, alice, "alice"));
  return { ...running, alice, watches };
}

const form = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, text]) => `<field var='${name}'>${lines(text)}</field>`)
    .join("");
const lines = (text: string): string =>
  text
    .split("\n")
    .map((line) => `<value>${line}</value>`)
    .join("");
const submitted = (fields: Readonly<Record<string, string>>): string =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${NS}#node_config</value></field>${form(fields)}</x>`;

async function create(hub: TestHub, node: string, fields: Readonly<Record<string, string>>, from = PHONE) {
  const configure = `<configure>${submitted(fields)}</configure>`;
  return await ask(
    hub,
    `<iq type='set' id='c' from='${from}' to='${DOMAIN}'><pubsub xmlns='${NS}'><create node='${node}'/>${configure}</pubsub></iq>`,
  );
}

async function own(hub: TestHub, inner: string, type = "set", from = PHONE): Promise<XmlElement> {
  return await ask(
    hub,
    `<iq type='${type}' id='o' from='${from}' to='${DOMAIN}'><pubsub xmlns='${NS}#owner'>${inner}</pubsub></iq>`,
  );
}

const isDone = (answer: XmlElement): boolean => answer.getChild("error") === undefined;

describe("a standing query by its node", () => {
  it("is made by creating the node with it, shown and changed by its configuration, ended by deleting the node", async () => {
    await using doors = await openDoors();
    const { hub, loop, alice, watches } = doors;
    const tern = await post(hub, alice, "A tern.");
    const made = await create(hub, NODE, {
      "sterna#query": QUERY,
      "pubsub#title": "Terns!",
      "pubsub#access_model": "open",
    });
    expect(isDone(made)).toBe(true);
    await loop().settled();
    expect(watches()).toMatchObject([{ name: "terns", isPublic: true, answers: 1 }]);
    expect(hub.ports.records.reader.node(DOMAIN, NODE as never)?.config.title).toBe("Terns!");

    const shown = await own(hub, `<configure node='${NODE}'/>`, "get");
    expect(shown.toString()).toMatch(
      /var="sterna#query" type="text-multi"[^>]*><value>PREFIX sterna: &lt;.*<\/value><value>SELECT/,
    );
    const [meta] = (
      describeService(hub.ports, DOMAIN, NODE) as { forms: readonly { fields: readonly { name: string }[] }[] }
    ).forms;
    expect(meta?.fields.map(({ name }) => name)).toContain("sterna#query");

    const changed = await own(
      hub,
      `<configure node='${NODE}'>${submitted({ "sterna#query": "topic #gulls" })}</configure>`,
    );
    expect(isDone(changed)).toBe(true);
    const gull = await post(hub, alice, "A gull. #gulls");
    await loop().settled();
    const answers = hub.ports.records.reader.watchAnswers({ account: alice.account.name, name: "terns" });
    expect(answers.map(({ values }) => values["post"])).toEqual([gull.iri]);
    expect(answers.map(({ values }) => values["post"])).not.toContain(tern.iri);

    expect(isDone(await own(hub, `<delete node='${NODE}'/>`))).toBe(true);
    expect(watches()).toEqual([]);
    expect(hub.ports.records.reader.node(DOMAIN, NODE as never)).toBeUndefined();
  });

  it("is for the JIDs of its account: nobody else makes, reads, changes or ends it", async () => {
    await using doors = await openDoors();
    const { hub, watches } = doors;
    const bob = "bob@far.example/desk";
    for (const from of [bob, "stranger@far.example"]) {
      expect((await create(hub, NODE, { "sterna#query": QUERY }, from)).toString()).toContain("<forbidden");
    }
    expect(isDone(await create(hub, NODE, { "sterna#query": QUERY }))).toBe(true);
    expect(watches()).toMatchObject([{ isPublic: false }]);
    const configure = `<configure node='${NODE}'>${submitted({ "sterna#query": "mentions" })}</configure>`;
    expect((await own(hub, configure, "set", bob)).toString()).toContain("<forbidden");
    expect((await own(hub, `<configure node='${NODE}'/>`, "get", bob)).toString()).not.toContain("sterna#query");
    expect((await own(hub, `<delete node='${NODE}'/>`, "set", bob)).toString()).toContain("<forbidden");
    expect(watches()).toMatchObject([{ name: "terns" }]);
    const meta = describeService(hub.ports, DOMAIN, NODE);
    expect(JSON.stringify(meta)).not.toContain("sterna#query");
  });

  it.each([
    [NODE, {}, "not-acceptable"],
    [NODE, { "sterna#query": "" }, "not-acceptable"],
    [NODE, { "sterna#query": "SELECT ?s WHERE {" }, "bad-request"],
    [NODE, { "sterna#query": "SELECT * WHERE { ?s ?p ?o }" }, "policy-violation"],
    [NODE, { "sterna#query": QUERY, "pubsub#access_model": "presence" }, "not-acceptable"],
    [NODE, { "sterna#query": QUERY, "pubsub#max_items": "2" }, "not-acceptable"],
    [NODE, { "sterna#query": QUERY, "pubsub#publish_model": "open" }, "not-acceptable"],
    ["watch/alice/a b", { "sterna#query": QUERY }, "bad-request"],
    ["watch/alice", { "sterna#query": QUERY }, "forbidden"],
    ["watch/alice/a/b", { "sterna#query": QUERY }, "forbidden"],
    ["watch/nobody/terns", { "sterna#query": QUERY }, "forbidden"],
  ])("is not made at %s with %j: %s", async (node, fields, condition) => {
    await using doors = await openDoors();
    const answer = await create(doors.hub, node, fields);
    expect(answer.toString()).toContain(`<${condition} `);
    expect(doors.watches()).toEqual([]);
    expect(doors.hub.ports.records.reader.node(DOMAIN, node as never)).toBeUndefined();
  });

  it("keeps its query and settings where a change is refused", async () => {
    await using doors = await openDoors();
    const { hub, watches } = doors;
    await create(hub, NODE, { "sterna#query": QUERY });
    const before = watches();
    for (const fields of [
      { "sterna#query": "ASK {}", "pubsub#title": "Other" },
      { "sterna#query": "mentions", "pubsub#access_model": "open" },
    ]) {
      const answer = await own(hub, `<configure node='${NODE}'>${submitted(fields)}</configure>`);
      expect(isDone(answer)).toBe(false);
      expect(watches()).toEqual(before);
      expect(hub.ports.records.reader.node(DOMAIN, NODE as never)?.config.title).not.toBe("Other");
    }
  });
});

describe("standing queries by chat and ad-hoc command", () => {
  const step = async (hub: TestHub, node: string, fields?: Readonly<Record<string, string>>, session = "") => {
    const inner = fields === undefined ? "" : `<x xmlns='jabber:x:data' type='submit'>${form(fields)}</x>`;
    const id = session === "" ? "" : ` sessionid='${session}'`;
    const answer = await ask(
      hub,
      `<iq type='set' id='a' from='${PHONE}' to='alice@${DOMAIN}'><command xmlns='http://jabber.org/protocol/commands' node='${node}'${id}>${inner}</command></iq>`,
    );
    return { xml: answer.toString(), session: String(answer.getChild("command")?.attrs["sessionid"] ?? "") };
  };

  it("are added by a form, listed, and ended", async () => {
    await using doors = await openDoors();
    const { hub, watches } = doors;
    const first = await step(hub, "sterna:watch");
    expect(first.xml).toMatch(/var="name".*var="query" type="text-multi".*var="public" type="list-single"/);
    const done = await step(hub, "sterna:watch", { name: "terns", query: QUERY, public: "public" }, first.session);
    expect(done.xml).toContain("watch/alice/terns");
    expect(watches()).toMatchObject([{ name: "terns", isPublic: true }]);
    expect((await step(hub, "sterna:watches")).xml).toContain("https://hub.example/alice/watches/terns");
    const bad = await step(hub, "sterna:watch");
    expect((await step(hub, "sterna:watch", { name: "a b", query: "home", public: "own" }, bad.session)).xml).toContain(
      "Expected a name",
    );
    const ending = await step(hub, "sterna:unwatch");
    expect(ending.xml).toContain("<option><value>terns</value></option>");
    await step(hub, "sterna:unwatch", { name: "terns" }, ending.session);
    expect(watches()).toEqual([]);
  });

  it("are added, listed and ended by chat", async () => {
    await using doors = await openDoors();
    const { hub, watches } = doors;
    const say = (body: string) => talk(hub.ports, { from: PHONE as Jid, to: `alice@${DOMAIN}` as Jid, body });
    await say("watch add birds topic #birds");
    expect(watches()).toMatchObject([{ name: "birds", isPublic: false }]);
    await say("watch list");
    expect(hub.xmpp.said.at(-1)?.body).toContain("birds (answers: 0)");
    await say("watch remove birds");
    expect(watches()).toEqual([]);
    await say("watch list");
    expect(hub.xmpp.said.at(-1)?.body).toContain("No query is kept open");
  });
});
