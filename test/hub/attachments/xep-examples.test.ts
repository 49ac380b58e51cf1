import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attachmentsToXml } from "../../../src/atom/attachments.ts";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { type Emoji, parseEmoji } from "../../../src/core/posts/emoji.ts";
import { attachmentsNode } from "../../../src/hub/attachments/attachments-node.ts";
import { viewPost } from "../../../src/hub/posts/post-view.ts";
import { publishPost } from "../../../src/hub/posts/publish-post.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { example, nameOf, namesOf, parse, shapeOf } from "../../pubsub/example-service.ts";
import { ask } from "../ask-hub.ts";
import { addAccount, live, must, openTestHub, type TestHub } from "../test-hub.ts";

// The examples of XEP-0470 against a whole hub: its domain is that of the example, and its accounts are the people.

/** COMPAT: the specification's requests leave out the namespace that its §4.5 asks for. */
const withNamespace = (xml: string) =>
  xml.replace("<attachments>", '<attachments xmlns="urn:xmpp:pubsub-attachments:1">');

const seen = new Set<string>();
const given = (beginning: string): string => {
  seen.add(nameOf(`0470 ${beginning}`));
  return example(`0470 ${beginning}`);
};

/** The first element of a name, wherever it stands. */
function find(element: XmlElement, name: string): XmlElement | undefined {
  if (element.getName() === name) return element;
  return element
    .getChildElements()
    .map((child) => find(child, name))
    .find((found) => found !== undefined);
}

const emoji = (text: string): Emoji => must(parseEmoji(text));
const countOf = (element: XmlElement | undefined, otherwise: number) =>
  element === undefined ? 0 : Number(element.attrs["count"] ?? otherwise);

/** Lets as many people attach what makes the summary of an example. */
async function attachLike(hub: TestHub, wanted: XmlElement, target: Parameters<typeof attachmentsNode>[0]) {
  const noticed = countOf(find(wanted, "noticed"), 1);
  const rows = (find(wanted, "reactions")?.getChildElements() ?? []).map(
    (row) => [emoji(row.getText()), countOf(row, 1)] as const,
  );
  const people = Math.max(noticed, ...rows.map(([, count]) => count));
  for (let who = 0; who < people; who++) {
    const jid = `person${who}@people.example` as BareJid;
    const payload = attachmentsToXml({
      ...(who < noticed ? { noticed: {} } : {}),
      reactions: rows.filter(([, count]) => who < count).map(([sign]) => sign),
      others: [],
    });
    const now = hub.clock.now();
    const item = { id: jid as string as ItemId, payload, published: now, updated: now };
    const request = { kind: "publish", service: target.jid, node: attachmentsNode(target), item } as const;
    expect((await handlePubsub(hub.ports, request, jid)).kind).toBe("published");
  }
}

describe("at the blog of a person", () => {
  const juliet = "juliet@capulet.lit" as BareJid;
  const id = "balcony-restoration-afd1" as ItemId;
  let hub: TestHub;

  beforeEach(async () => {
    hub = await openTestHub({ domain: "capulet.lit" });
    const { account, iri } = await addAccount(hub, "juliet");
    must(
      await publishPost(
        hub.ports,
        { kind: "account", account, iri },
        "juliet",
        { text: "The balcony is new." },
        { id },
      ),
    );
  });
  afterEach(() => hub[Symbol.asyncDispose]());

  const view = () => viewPost(hub.ports, live(hub, `https://hub.example/juliet/posts/${id}` as never).document);

  it.each([
    ["basic: Romeo Indicates", [1, undefined]],
    ["basic: Romeo Add Reactions", [1, ["👷", "🔨"]]],
  ] as const)("%s (§4.1)", async (name, [likes, signs]) => {
    const request = given(name);
    const answer = await ask(hub, withNamespace(request));
    const published = find(answer, "publish");
    expect([published?.attrs["node"], find(answer, "item")?.attrs["id"]]).toEqual([
      find(parse(request), "publish")?.attrs["node"],
      "romeo@montague.lit",
    ]);
    expect([view()?.likes, view()?.reactions?.map((each) => each.emoji)]).toEqual([likes, signs]);
  });

  it("refuses the request without the namespace (§4.5)", async () => {
    const answer = await ask(hub, given("basic: Romeo Indicates"));
    expect(answer.getChild("error")?.getChildElements()[0]?.getName()).toBe("bad-request");
  });

  it("summary-node: the summary of a blog (§4.6)", async () => {
    const wanted = parse(given("summary-node: Fully-Compliant"));
    await attachLike(hub, wanted, { jid: juliet, node: MICROBLOG_NODE, id });
    const answer = await ask(hub, given("summary-node: Romeo Check"));
    const items = (xml: XmlElement) => shapeOf(find(xml, "items") ?? xml, ["@publisher"]);
    expect(items(answer)).toEqual(items(wanted));
  });

  it("disco: says that it is fully compliant (§6)", async () => {
    const answer = await ask(hub, given("disco: service discovery information request").replace("example.com", juliet));
    const wanted = parse(given("disco: service discovery information response").replaceAll("…", ""));
    const features = answer.getChild("query")?.getChildElements() ?? [];
    expect(features.map(({ attrs }) => attrs["var"])).toContain(find(wanted, "feature")?.attrs["var"]);
  });
});

describe("at a node of the hub's own", () => {
  const service = "pubsub.example.net" as BareJid;
  const node = "urn:xmpp:example:0" as NodeId;
  const owner = "juliet@capulet.lit/balcony" as Jid;
  const id = "ball-event-ab1e" as ItemId;
  let hub: TestHub;

  beforeEach(async () => {
    hub = await openTestHub({ domain: service });
    await addAccount(hub, "juliet", { linkedJids: ["juliet@capulet.lit"] });
    await handlePubsub(hub.ports, { kind: "create", service, node }, owner);
    const now = hub.clock.now();
    const item = { id, payload: "<event xmlns='urn:example:event'/>", published: now, updated: now };
    await handlePubsub(hub.ports, { kind: "publish", service, node, item }, owner);
  });
  afterEach(() => hub[Symbol.asyncDispose]());

  it.each([
    ["noticed_summarizing: Example of Noticed", "§4.7.3"],
    ["reactions_summarizing: Example of reactions", "§4.8.2"],
  ])("%s (%s)", async (name) => {
    const wanted = parse(given(name));
    await attachLike(hub, wanted, { jid: service, node, id });
    const request = example("0470 summary-node: Romeo Check")
      .replace("juliet@capulet.lit", service)
      .replace("urn:xmpp:microblog:0", node);
    const items = (xml: XmlElement) => shapeOf(find(xml, "items") ?? xml, ["@publisher"]);
    expect(items(await ask(hub, request))).toEqual(items(wanted));
  });
});

it("leaves no example out", () => {
  expect(namesOf("0470").filter((name) => !seen.has(name))).toEqual([]);
});
