import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import { type ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { eventToXml, messageTypeOf } from "../../../src/xmpp/encode/encode-event.ts";
import { example, nameOf, namesOf, parse } from "../../pubsub/example-service.ts";
import { ask } from "../ask-hub.ts";
import { addAccount, openTestHub, type TestHub } from "../test-hub.ts";

// The examples of XEP-0030, 0050, 0059, 0163, 0277, 0472, and of XEP-0060 about discovery, against a whole hub: its
// domain is that of the example, and its accounts are the people of the example.

const NOT_OURS = "about another protocol, or an entity that is no PubSub service";
const CLIENT = "what a client, or the server of one, says; a hub does not";
const PRESENCE = "presence and entity capabilities are not kept yet";
const STAGED = "a command of its own; run in test/hub/chat/ad-hoc.test.ts";
const IRI = "an IRI, not a stanza";

/** Every element of that name with the attributes of each, wherever it stands. */
function all(element: XmlElement, name: string): readonly Readonly<Record<string, string | undefined>>[] {
  const own = element.getName() === name ? [element.attrs] : [];
  return [...own, ...element.getChildElements().flatMap((child) => all(child, name))];
}

const features = (element: XmlElement) => all(element, "feature").map((each) => each["var"]);
const identities = (element: XmlElement) => all(element, "identity").map(({ category, type }) => `${category}/${type}`);
const fieldsOf = (element: XmlElement) => all(element, "field").map((each) => each["var"]);
const condition = (element: XmlElement) => element.getChild("error")?.getChildElements()[0]?.getName();

/** Examples seen by a test below. */
const seen = new Set<string>();
const given = (beginning: string): string => {
  seen.add(nameOf(beginning));
  return example(beginning);
};

describe("discovery (XEP-0060 chapter 5, XEP-0030)", () => {
  let hub: TestHub;
  const at = "pubsub.shakespeare.lit" as BareJid;
  const musings = "princely_musings" as NodeId;

  beforeAll(async () => {
    hub = await openTestHub({ domain: at });
    await addAccount(hub, "hamlet", { linkedJids: ["hamlet@denmark.lit"] });
    const actor = "hamlet@denmark.lit/elsinore" as Jid;
    const fields = {
      title: "Princely Musings (Atom)",
      type: "urn:example:e2ee:bundle",
      language: "en",
      max_items: "120",
    };
    const more = { contact: "bard@shakespeare.lit", description: "Updates for Hamlet's Princely Musings weblog." };
    const config = {
      cancelled: false,
      fields: Object.entries({ ...fields, ...more }).map(([name, value]) => ({
        name: `pubsub#${name}`,
        values: [value],
      })),
    };
    await handlePubsub(hub.ports, { kind: "create", service: at, node: musings, config }, actor);
    const rows = parse(`<all>${example("0060 entity-discoveritems: ")}</all>`).getChildElements()[1];
    for (const { name } of rows === undefined ? [] : all(rows, "item").toReversed()) {
      hub.clock.advance(1_000);
      const now = hub.clock.now();
      const item = { id: name as ItemId, payload: "<a/>", published: now, updated: now };
      await handlePubsub(hub.ports, { kind: "publish", service: at, node: musings, item }, actor);
    }
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  it("says that it is a PubSub service, and what it does (§5.1)", async () => {
    const answer = await ask(hub, given("0060 entity-features: Entity"));
    const wanted = parse(given("0060 entity-features: Pubsub"));
    expect(features(answer)).toEqual(expect.arrayContaining([...features(wanted)]));
    expect(identities(answer)).toEqual([...identities(wanted)]);
    const options = given("0060 subscriber-configure-support: ");
    expect(features(answer)).toEqual(expect.arrayContaining([...features(parse(options))]));
  });

  it("lists its nodes (§5.2)", async () => {
    const answer = await ask(hub, given("0060 entity-nodes: Entity"));
    const [wanted] = all(parse(given("0060 entity-nodes: Service")), "item");
    const row = all(answer, "item").find(({ node }) => node === musings);
    expect(Object.keys(row ?? {}).sort()).toEqual(Object.keys(wanted ?? {}).sort());
    expect(row).toMatchObject({ jid: at, name: "Princely Musings (Atom)" });
  });

  it("tells what a node is, and all its metadata (§5.3, §5.4)", async () => {
    for (const section of ["entity-info", "entity-metadata"]) {
      const answer = await ask(hub, given(`0060 ${section}: Entity`));
      const wanted = parse(given(`0060 ${section}: Service`));
      expect(identities(answer)).toEqual([...identities(wanted)]);
      expect(features(answer)).toEqual(expect.arrayContaining([...features(wanted)]));
      const fields = fieldsOf(wanted);
      expect(fieldsOf(answer)).toEqual(expect.arrayContaining([...fields]));
    }
  });

  it("lists the items of a node, by name and without a node (§5.5)", async () => {
    const [request, answer] = parse(`<all>${given("0060 entity-discoveritems: ")}</all>`).getChildElements();
    const rows = all(await ask(hub, request?.toString() ?? ""), "item");
    expect(rows).toEqual(answer === undefined ? [] : all(answer, "item"));
  });

  it("does not know an account or a node that is not there (XEP-0030 §3.1)", async () => {
    const elsewhere = (xml: string) => xml.replaceAll("plays.shakespeare.lit", `nobody@${at}`);
    const info = elsewhere(given("0030 info-basic: Querying for information"));
    const wanted = condition(parse(given("0030 info-basic: Target entity")));
    expect(condition(await ask(hub, info))).toBe(wanted);
    const items = given("0030 items-nodes: Requesting further nodes").replace("catalog.shakespeare.lit", at);
    expect(condition(await ask(hub, items))).toBe("item-not-found");
  });

  it("tells of itself, and of an account behind it (XEP-0030 §3.1)", async () => {
    const info = given("0030 info-basic: Querying for information").replace("plays.shakespeare.lit", at);
    const own = features(await ask(hub, info));
    const always = ["http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items"];
    expect(own).toEqual(expect.arrayContaining(always));
    expect(features(parse(given("0030 info-basic: Result-set")))).toEqual(expect.arrayContaining(always));
    const bare = given("0030 info-basic: Requesting info from a bare JID").replace(
      "juliet@capulet.com",
      `hamlet@${at}`,
    );
    const wanted = parse(given("0030 info-basic: Server replies"));
    const answer = await ask(hub, bare);
    expect(identities(answer)).toEqual(expect.arrayContaining([...identities(wanted)]));
    expect(features(answer)).toEqual(expect.arrayContaining([...features(wanted)]));
  });

  it("lists what is there, or nothing (XEP-0030 §4.1)", async () => {
    const whole = given("0030 items-basic: Requesting all items").replace("'shakespeare.lit'", `'${at}'`);
    const [row] = all(parse(given("0030 items-basic: Result-set for all items")), "item");
    const account = all(await ask(hub, whole), "item").find(({ node }) => node === undefined);
    expect(Object.keys(account ?? {}).sort()).toEqual(Object.keys(row ?? {}).sort());
    const nodes = given("0030 items-nodes: Requesting nodes").replace("catalog.shakespeare.lit", at);
    const [named] = all(parse(given("0030 items-nodes: Service returns nodes")), "item");
    const node = all(await ask(hub, nodes), "item").find((each) => each["node"] !== undefined);
    expect(Object.keys(node ?? {}).sort()).toEqual(Object.keys(named ?? {}).sort());
  });

  it("lists its one command and tells what it is (XEP-0050 §2)", async () => {
    const here = (xml: string) => xml.replace("responder@domain", at).replace("mim.shakespeare.lit", at);
    const supports = features(await ask(hub, here(given("0050 discover: Disco request"))));
    expect(supports).toEqual(expect.arrayContaining([...features(parse(given("0050 discover: Disco result")))]));
    const list = await ask(hub, here(given("0050 retrieve: Disco request for items")));
    const [row] = all(parse(given("0050 retrieve: Disco result for items")), "item");
    const [command] = all(list, "item");
    expect(Object.keys(command ?? {}).sort()).toEqual(Object.keys(row ?? {}).sort());
    const about = here(given("0050 retrieve: Disco request for command information"));
    const answer = await ask(hub, about.replace("node='config'", `node='${command?.["node"]}'`));
    const wanted = parse(given("0050 retrieve: Disco result for command information"));
    expect([identities(answer), features(answer)]).toEqual([identities(wanted), features(wanted)]);
    const lists = await ask(hub, here(given("0030 info-nodes: Querying")));
    expect(identities(lists)).toEqual([...identities(parse(given("0030 info-nodes: JID+node result")))]);
  });

  it("cancels a command, and does not know others (XEP-0050 §3, §4.4)", async () => {
    const here = (xml: string) =>
      xml
        .replace("to='responder@domain'", `to='${at}' from='requester@domain'`)
        .replace("from='requester@domain' from", "from");
    const cancel = here(given("0050 cancel: Execute command request")).replace(
      "node='config'",
      "node='http://jabber.org/protocol/pubsub#get-pending'",
    );
    const [answer] = all(await ask(hub, cancel), "command");
    const [wanted] = all(parse(given("0050 cancel: Execute command result")), "command");
    expect(answer).toMatchObject({ sessionid: wanted?.["sessionid"], status: wanted?.["status"] });
    const unknown = await ask(hub, here(given("0050 execute-simple: Execute command request")));
    expect(condition(unknown)).toBe("item-not-found");
  });
});

describe("pages (XEP-0059), of a node's items", () => {
  let hub: TestHub;
  const at = "users.jabber.org" as BareJid;
  const node = "people" as NodeId;
  /** The newest is the first. */
  const ids = ["stpeter@jabber.org", ...Array.from({ length: 8 }, (_, n) => `between-${n}`), "peterpan@neverland.lit"];
  const rest = ["peter@pixyland.org", ...Array.from({ length: 8 }, (_, n) => `behind-${n}`), "peter@rabbit.lit"];

  beforeAll(async () => {
    hub = await openTestHub({ domain: at });
    await addAccount(hub, "stpeter", { linkedJids: ["stpeter@jabber.org"] });
    const actor = "stpeter@jabber.org/x" as Jid;
    await handlePubsub(hub.ports, { kind: "create", service: at, node }, actor);
    for (const id of [...ids, ...rest].toReversed()) {
      hub.clock.advance(1_000);
      const now = hub.clock.now();
      const item = { id: id as ItemId, payload: "<a/>", published: now, updated: now };
      await handlePubsub(hub.ports, { kind: "publish", service: at, node, item }, actor);
    }
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  /** The example's page, asked for of a node. */
  const page = async (name: string): Promise<XmlElement> => {
    const set = parse(given(name)).getChild("query")?.getChild("set");
    const inner = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/>${set?.toString()}</pubsub>`;
    return await ask(hub, `<iq type='get' from='stpeter@jabber.org/x' to='${at}' id='1'>${inner}</iq>`);
  };
  const setOf = (answer: XmlElement) => {
    const set = (answer.getChild("pubsub") ?? answer.getChild("query"))?.getChild("set");
    const first = set?.getChild("first");
    return [first?.attrs["index"], first?.getText(), set?.getChildText("last")];
  };

  it.each([
    ["0059 forwards: Requesting the First", "0059 forwards: Returning the First"],
    ["0059 forwards: Requesting the Second", "0059 forwards: Returning the Second"],
    ["0059 backwards: Requesting", "0059 backwards: Returning"],
  ])("%s", async (request, answer) => {
    const got = setOf(await page(request));
    const wanted = setOf(parse(given(answer)));
    // The people of the examples are in no order that is told; what counts is where the page is.
    expect(got[0]).toBe(wanted[0]);
    expect(got.map((part) => typeof part)).toEqual(wanted.map((part) => typeof part));
  });

  it("is no longer than was asked for (§2.1)", async () => {
    // The example shows two of the ten people.
    expect(all(parse(given("0059 limit: Returning")), "item").length).toBeLessThanOrEqual(10);
    expect(all(await page("0059 limit: Requesting"), "item")).toHaveLength(10);
  });

  it("counts, and answers an empty page with the count alone", async () => {
    for (const [request, answer] of [["0059 count: Requesting", "0059 count: Returning"]] as const) {
      const set = (await page(request)).getChild("pubsub")?.getChild("set");
      expect(set?.getChildElements().map((child) => child.getName())).toEqual(["count"]);
      expect(all(parse(given(answer)), "count")).toHaveLength(1);
      expect(set?.getChildText("count")).toBe(String(ids.length + rest.length));
    }
    const beyond = `<set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>peter@rabbit.lit</after></set>`;
    const inner = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/>${beyond}</pubsub>`;
    const empty = await ask(hub, `<iq type='get' from='stpeter@jabber.org/x' to='${at}' id='1'>${inner}</iq>`);
    const names = (element: XmlElement | undefined) => element?.getChildElements().map((child) => child.getName());
    const wanted = parse(given("0059 forwards: Returning an Empty Page")).getChild("query")?.getChild("set");
    expect(names(empty.getChild("pubsub")?.getChild("set"))).toEqual(names(wanted));
  });

  it("gives the last page, does not know a place that is not there, and does not jump", async () => {
    expect(setOf(await page("0059 last: Requesting"))).toEqual(["10", rest[0], rest.at(-1)]);
    const lost = given("0059 notfound: Returning");
    const set = parse(lost).getChild("query")?.getChild("set")?.toString();
    const inner = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/>${set?.replace(/<after>[^<]*/, "<after>nobody")}</pubsub>`;
    const request = `<iq type='get' from='stpeter@jabber.org/x' to='${at}' id='1'>${inner}</iq>`;
    expect(condition(await ask(hub, request))).toBe(parse(lost).getChild("error")?.getChildElements()[0]?.getName());
    const jump = await page("0059 jump: Requesting");
    expect(condition(jump)).toBe(
      parse(given("0059 jump: Returning a Feature")).getChild("error")?.getChildElements()[0]?.getName(),
    );
  });

  it("pages what disco lists, too (§3)", async () => {
    const here = (xml: string) => xml.replace("conference.jabber.org", at);
    const items = here(given("0059 examples: Requesting a Limit")).replace(
      "disco#items'",
      `disco#items' node='${node}'`,
    );
    const answer = await ask(hub, items);
    expect(all(answer, "item")).toHaveLength(20);
    expect(all(answer, "first")).toEqual(all(parse(given("0059 examples: Returning")), "first"));
    const info = await ask(hub, here(given("0059 support: Requesting entity")));
    expect(features(info)).toEqual(expect.arrayContaining([...features(parse(given("0059 support: Responding")))]));
  });
});

describe("people's own nodes (XEP-0163) and posts (XEP-0277, XEP-0472)", () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await openTestHub({ domain: "montague.lit" });
    await addAccount(hub, "romeo");
    await addAccount(hub, "benvolio");
    await addAccount(hub, "juliet");
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  const told = () =>
    hub.ports.records.reader.deliveriesDue(hub.clock.now(), 1_000).map(({ to, event }) => {
      const type = messageTypeOf(event.event);
      return parse(`<message from="${event.service}" to="${to}" type="${type}">${eventToXml(event)}</message>`);
    });
  const names = (element: XmlElement | undefined): readonly string[] =>
    element === undefined ? [] : [element.getName(), ...element.getChildElements().flatMap(names)];

  it.each([
    "0277 publish: ",
    "0277 rich_content: ",
    "0277 reply: ",
    "0277 repeat: ",
    "0277 post_comments: ",
    "0277 geotagging: ",
    "0472 geotagging: ",
  ])("takes a post in: %s", async (name) => {
    const xml = given(name);
    const id = all(parse(xml), "item")[0]?.["id"];
    hub.clock.advance(1_000);
    const answer = await ask(hub, xml);
    expect(all(answer, "item")).toEqual([{ id }]);
    const service = parse(xml).attrs["to"] as BareJid;
    expect(hub.ports.records.reader.item(service, MICROBLOG_NODE, id as ItemId)?.payload).toContain("<title");
  });

  it("tells followers of a post as the example does", async () => {
    const subscribe = { kind: "subscribe", service: "romeo@montague.lit" as BareJid, node: MICROBLOG_NODE } as const;
    await handlePubsub(
      hub.ports,
      { ...subscribe, jid: "juliet@capulet.lit" as BareJid },
      "juliet@capulet.lit/b" as Jid,
    );
    const id = "a-post-of-its-own";
    hub.clock.advance(1_000);
    await ask(hub, example("0277 publish: ").replace("1cb57d9c-1c46-11dd-838c-001143d5d5db", id));
    for (const name of ["0277 receive: ", "0472 receive: "]) {
      const wanted = parse(given(name));
      const ours = told().at(-1);
      expect(ours?.attrs["type"]).toBe(wanted.attrs["type"]);
      // The text to read is for those who ask for it (`pubsub#include_body`).
      const event = (message: XmlElement | undefined) => names(message?.getChild("event")).slice(0, 4);
      expect(event(ours)).toEqual(event(wanted));
      expect(all(ours ?? wanted, "item")[0]).toEqual({ id, publisher: "romeo@montague.lit" });
      expect(names(ours)).toEqual(expect.arrayContaining(["title", "id", "published", "updated", "author"]));
    }
  });

  it.each(["0472 publish: ", "0472 rich_content: ", "0472 reply: ", "0472 repeat: ", "0277 comment_add: "])(
    "keeps the post of a community, or a comment, as it came: %s",
    async (name) => {
      const xml = given(name);
      const request = parse(xml);
      const node = all(request, "publish")[0]?.["node"] as NodeId;
      await using there = await openTestHub({ domain: request.attrs["to"] ?? "" });
      const service = request.attrs["to"] as BareJid;
      await addAccount(there, "owner", { linkedJids: ["owner@elsewhere.lit"] });
      const config = { cancelled: false, fields: [{ name: "pubsub#publish_model", values: ["open"] }] };
      await handlePubsub(there.ports, { kind: "create", service, node, config }, "owner@elsewhere.lit" as Jid);
      const id = all(request, "item")[0]?.["id"];
      expect(all(await ask(there, xml), "item")).toEqual([{ id }]);
      const read = `<iq type='get' from='a@b.c' to='${service}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/></pubsub></iq>`;
      const answer = await ask(there, read);
      const entry = (element: XmlElement) =>
        names(element).filter((each) => !["iq", "set", "first", "last", "count", "items", "publish"].includes(each));
      expect(entry(answer)).toEqual(entry(request));
    },
  );

  it.each(["0163 howitworks: Publishing an event", "0163 publish: Account owner publishes item"])(
    "makes a person's node when something is published there, for those who may (%s)",
    async (name) => {
      const xml = given(name)
        .replaceAll("juliet@capulet.lit", "juliet@montague.lit")
        .replace("<iq ", "<iq to='juliet@montague.lit' ");
      expect(all(await ask(hub, xml), "publish")).toEqual([{ node: "http://jabber.org/protocol/tune" }]);
      const service = "juliet@montague.lit" as BareJid;
      expect(hub.ports.records.reader.node(service, "http://jabber.org/protocol/tune" as NodeId)?.creator).toBe(
        service,
      );
    },
  );

  it("says at an account's JID that it is one with a PubSub service (XEP-0163 §6.1)", async () => {
    const request = given("0163 support-owner: Account").replaceAll("juliet@capulet.lit", "juliet@montague.lit");
    const answer = await ask(hub, request);
    const wanted = parse(given("0163 support-owner: Server"));
    expect(identities(answer)).toEqual([...identities(wanted)]);
    const missing = features(wanted).filter((feature) => !features(answer).includes(feature));
    expect(missing).toEqual([]);
  });
});

/** The examples without a test, and why. */
const SKIPPED: ReadonlyMap<string, string> = new Map([
  ["0163 howitworks: Interested parties", PRESENCE],
  ["0163 howitworks: Publisher receives", PRESENCE],
  ["0163 howitworks: Romeo sends presence", PRESENCE],
  ["0163 howitworks: Disco#info result", CLIENT],
  ["0163 notify-last: Subscriber sends", PRESENCE],
  ["0163 notify-last: Subscriber's server", PRESENCE],
  ["0163 notify-last: PEP service", PRESENCE],
  ["0277 categories: ", "part of an entry, left out in part; tested with the Atom codec"],
  ["0277 metadata: Publishing microblog", "a feed is no post; a node's configuration says what it is about"],
  ["0277 metadata: Publishing comments", "a feed is no post; a node's configuration says what it is about"],
  ["0472 discovery: ", CLIENT],
  ["0472 profile_gallery: ", "part of an entry; tested with the Atom codec"],
  ["0059 jump: Returning a Result Page", "pages by number are not given, which the standard allows; see the error"],
  ["0059 examples: Requesting a Page Beginning", "the same as the page after an item, of another list"],
  ["0030 info-basic: Service unavailable", NOT_OURS],
  ["0030 info-basic: Querying a specific", NOT_OURS],
  ["0030 info-basic: Querying a connected", CLIENT],
  ["0030 items-basic: Empty", "an account has its microblog at least"],
  ["0030 items-basic: Requesting items from a bare", CLIENT],
  ["0030 items-basic: Server replies", CLIENT],
  ["0030 items-nodes: Service returns further", "a collection's"],
  ["0030 items-nodes: Requesting even", "a collection's"],
  ["0030 items-nodes: Service returns even", "a collection's"],
  ["0030 items-relationship: User", "other entities that have something to do with a person: not kept"],
  ["0030 items-relationship: Entity", "other entities that have something to do with a person: not kept"],
  ["0030 errors: ", "the commands are listed for everybody"],
  ["0030 registrar-querytypes: Service Discovery Information Request: IRI", IRI],
  ["0030 registrar-querytypes: Service Discovery Information Request: Resulting", "the same as the first request"],
  ["0030 registrar-querytypes: Service Discovery Items Request: IRI", IRI],
  ["0030 registrar-querytypes: Service Discovery Items Request: Resulting", "the same as the first request"],
  ["0050 announce: ", CLIENT],
  ["0050 execute-simple: Execute command result", NOT_OURS],
  ...["(stage 1)", "(stage 2)", "(stage 3)", "(revert from stage 2 to stage 1)"].flatMap((stage) =>
    ["request", "result"].map((part) => [`0050 execute-multiple: Execute command ${part} ${stage}`, STAGED] as const),
  ),
  ["0050 impl-i18n: Execute command request (with language/locale)", NOT_OURS],
  ["0050 impl-i18n: Execute command request (with language/locale) (2)", NOT_OURS],
  ["0050 impl-i18n: Execute command result", NOT_OURS],
  ["0050 impl-i18n: Execute command failed", NOT_OURS],
  ["0050 registrar-querytypes: Command Action: IRI", IRI],
  ["0050 registrar-querytypes: Command Action: Resulting", NOT_OURS],
]);

it("leaves no example out without a reason", () => {
  const names = ["0030", "0050", "0059", "0163", "0277", "0472"].flatMap(namesOf);
  const reasons = new Set([...SKIPPED.keys()].map(nameOf));
  expect(names.filter((name) => !seen.has(name) && !reasons.has(name))).toEqual([]);
  expect([...reasons].filter((name) => seen.has(name))).toEqual([]);
});
