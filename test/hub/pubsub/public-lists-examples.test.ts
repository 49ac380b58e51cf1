import { afterAll, beforeAll, expect, it } from "vitest";
import { listedFromXml, listedToXml } from "../../../src/atom/public-lists.ts";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { listId } from "../../../src/hub/pubsub/kept-list.ts";
import { example, nameOf, namesOf, parse, shapeOf } from "../../pubsub/example-service.ts";
import { ask } from "../ask-hub.ts";
import { addAccount, type Holder, must, openTestHub, type TestHub } from "../test-hub.ts";

// The examples of XEP-0330 and XEP-0465 against a whole hub whose accounts are the people of the examples. There Romeo
// speaks to a server of his own (XEP-0376), here the hub speaks for him: the lists are the same.

let hub: TestHub;
let romeo: Holder;
let benvolio: Holder;

beforeAll(async () => {
  hub = await openTestHub({ domain: "montague.lit" });
  romeo = await addAccount(hub, "romeo");
  benvolio = await addAccount(hub, "benvolio");
  must(await followAccount(hub.ports, romeo, "benvolio"));
});
afterAll(() => hub[Symbol.asyncDispose]());

const seen = new Set<string>();
const given = (beginning: string): string => {
  seen.add(nameOf(beginning));
  return example(beginning);
};
const find = (element: XmlElement, name: string): XmlElement | undefined =>
  element.is(name) ? element : element.getChildElements().flatMap((child) => find(child, name) ?? [])[0];
const shape = (element: XmlElement, name: string) => {
  const found = find(element, name);
  return found && shapeOf(found, ["set", "@id", "@publisher"]);
};

it("names an entry of a public list, and writes it, as XEP-0330 §2 and §5.2 do", () => {
  const added = parse(given("0330 usecases: Add a subscription"));
  const entry = find(added, "subscription");
  const listed = entry && listedFromXml(entry);
  expect(listed).toEqual({ jid: "pubsub.shakespeare.lit", node: "party", title: "Party at the Capulets" });
  expect(shapeOf(parse(listed === undefined ? "" : listedToXml(listed)))).toEqual(entry && shapeOf(entry));
  const id = listId(hub.ports, "pubsub.shakespeare.lit", "party", "romeo@montague.lit");
  for (const xml of [example("0330 usecases: Add"), given("0330 usecases: Remove"), given("0330 usecases: Change")]) {
    expect(find(parse(xml), "item")?.attrs["id"]).toBe(id);
  }
});

it("gives the list to whoever asks at the person's own address (XEP-0330 §5.1)", async () => {
  const request = given("0330 usecases: Requests").replace("to='pubsub.shakespeare.lit'", "to='romeo@montague.lit'");
  const entry = find(await ask(hub, request), "subscription");
  expect(entry && listedFromXml(entry)).toMatchObject({ jid: benvolio.account.jid, node: "urn:xmpp:microblog:0" });
});

it("gives public subscriptions (XEP-0465 §4.2)", async () => {
  const answer = await ask(hub, given("0465 retrieving_subs: Mercutio"));
  const wanted = parse(given("0465 retrieving_subs: Romeo's"));
  expect(shape(answer, "items")).toEqual(shape(wanted, "items"));
});

it("lists who subscribes with <public/>, and who does not any longer (XEP-0465 §4.1, §4.3)", async () => {
  const forwarded = (xml: string): string =>
    `<iq type='set' id='s' from='romeo@montague.net' to='benvolio@montague.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'>${/<subscribe[\s\S]*(?:<\/subscribe>|\/>)(?=\s*<\/pam>)/.exec(xml)?.[0].replace("romeo@montague.lit", "romeo@montague.net") ?? ""}</pubsub></iq>`;
  const subscribers = async (): Promise<readonly string[]> => {
    const request = given("0465 retrieving_public_subscribers: Mercutio").replace("romeo@", "benvolio@");
    const items = find(await ask(hub, request), "items")?.getChildElements() ?? [];
    return items.map((item) => find(item, "subscriber")?.attrs["jid"] ?? "").sort((a, b) => a.localeCompare(b));
  };
  await ask(hub, forwarded(given("0465 public_subscription: Romeo Makes a Public")));
  expect(await subscribers()).toEqual(["romeo@montague.lit", "romeo@montague.net"]);
  await ask(
    hub,
    forwarded(
      given("0465 public_subscription: Romeo Makes a Non").replace("juliet@capulet.lit", "benvolio@montague.lit"),
    ),
  );
  expect(await subscribers()).toEqual(["romeo@montague.lit"]);
});

it("gives the public subscribers of a node (XEP-0465 §4.4)", async () => {
  must(await followAccount(hub.ports, benvolio, "romeo"));
  const answer = await ask(hub, given("0465 retrieving_public_subscribers: Mercutio"));
  // The example has its quotes in the wrong places.
  const wanted = parse(
    given("0465 retrieving_public_subscribers: Romeo's").replace(
      "node=''urn:xmpp:pps:subscribers:0/urn:xmpp:microblog:0>",
      "node='urn:xmpp:pps:subscribers:0/urn:xmpp:microblog:0'>",
    ),
  );
  expect(shape(answer, "items")).toEqual(shape(wanted, "items"));
});

it("says that it can (XEP-0465 §6)", async () => {
  const request = given("0465 disco: service discovery information request").replace("example.com", "montague.lit");
  const answer = await ask(hub, request);
  const features = (element: XmlElement) =>
    (find(element, "query")?.getChildElements() ?? []).map((each) => each.attrs["var"]);
  expect(features(answer)).toEqual(
    expect.arrayContaining(features(parse(given("0465 disco: service discovery information response")))),
  );
});

it("leaves no example out", () => {
  expect(["0330", "0465"].flatMap(namesOf).filter((name) => !seen.has(name))).toEqual([]);
});
