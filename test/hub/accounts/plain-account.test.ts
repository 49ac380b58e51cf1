import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid } from "../../../src/core/jid.ts";
import type { PictureId } from "../../../src/core/picture.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { followedAccount } from "../../../src/hub/following/list-follows.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import { avatarDataToXml } from "../../../src/hub/people/profile-payloads.ts";
import { receivePresence } from "../../../src/hub/people/receive-presence.ts";
import type { InboundItem } from "../../../src/hub/ports/xmpp-link.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { PNG, pngOf } from "../../support/pictures.ts";
import { DAY_MS, live, must, post, SECOND_MS } from "../test-hub.ts";
import { openTwoHubs, push, type TwoHubs } from "../two-hubs.ts";

// A server like Prosody or ejabberd with a person's microblog: it answers requests for open nodes from everybody, and
// disco at the account from its contacts alone. The other hub stands for it, as its entries' RDF is passed over.

const [METADATA, DATA] = ["urn:xmpp:avatar:metadata" as NodeId, "urn:xmpp:avatar:data" as NodeId];
const ALICE = "xmpp:alice@far.example" as Iri;
const NODE = `${ALICE}?;node=urn:xmpp:microblog:0`;
let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs();
  hubs.here.xmpp.before = ({ name }) =>
    name.startsWith("discover") ? refuse("remote-unreachable", "Only contacts are answered.") : undefined;
  hubs.here.remote.webfinger = async () => refuse("remote-unreachable", "There is no website.");
});
afterEach(() => hubs[Symbol.asyncDispose]());

const stored = (graph: string) => hubs.here.ports.records.reader.document(graph as Iri);
const refusals = () =>
  hubs.here.logged.filter(({ event }) => event === "item-refused").map(({ detail }) => detail["code"]);
const saidOf = (graph: string, predicate: { readonly value: string }) =>
  live(hubs.here, graph as Iri)
    .document.quads.filter((each) => each.predicate.value === predicate.value)
    .map(({ object }) => object.value);

async function follow(): Promise<void> {
  must(await followAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
  must(await catchUp(hubs.here.ports, ALICE, "followed"));
}

/** An item as it would be pushed. */
function item(id: string, inner: string, publisher?: string): InboundItem {
  const xml = `<entry xmlns="http://www.w3.org/2005/Atom"><published>2026-06-01T11:00:00Z</published>${inner}</entry>`;
  return {
    id: id as ItemId,
    payload: must(parseXml(xml)),
    ...(publisher === undefined ? {} : { publisher }),
  };
}

const receive = (...items: readonly InboundItem[]) =>
  receiveEvent(hubs.here.ports, {
    from: "alice@far.example" as BareJid,
    to: "hub.example" as BareJid,
    node: MICROBLOG_NODE,
    items,
    retracted: [],
  });

describe("an account with a microblog and no page", () => {
  it("is followed by its address, and its posts come in as RDF", async () => {
    const { id } = await post(hubs.there, hubs.alice, "The terns are back. #Terns");
    await follow();
    const { document } = live(hubs.here, `${NODE};item=${id}` as Iri);
    expect(document).toMatchObject({ kind: "post", author: ALICE, container: NODE });
    expect(saidOf(document.graph, sioc.has_creator)).toEqual([ALICE]);
    expect(saidOf(document.graph, sioc.topic)).toEqual(["https://hub.example/tags/terns"]);
    expect(hubs.here.ports.records.reader.upstream(ALICE)).toMatchObject({ state: "subscribed", attempts: 0 });
  });

  it("is pushed, and what it retracts goes", async () => {
    await follow();
    const { id, iri } = await post(hubs.there, hubs.alice, "Pushed.");
    await push(hubs);
    expect(stored(`${NODE};item=${id}`)?.kind).toBe("live");
    must(await deletePost(hubs.there.ports, hubs.alice, iri));
    await push(hubs);
    expect(stored(`${NODE};item=${id}`)?.kind).toBe("tombstone");
  });

  it("catches up by its entries though its list of items is closed", async () => {
    await follow();
    const { id } = await post(hubs.there, hubs.alice, "While the push was lost.");
    expect(must(await catchUp(hubs.here.ports, ALICE, "timer"))).toMatchObject({ stored: 1 });
    expect(stored(`${NODE};item=${id}`)?.kind).toBe("live");
  });

  it("is no longer followed when that is asked for by its address", async () => {
    await follow();
    must(await unfollowAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
    expect(hubs.here.ports.records.reader.upstream(ALICE)).toBeUndefined();
  });

  it("is refused where there is no microblog either", async () => {
    expect(await followAccount(hubs.here.ports, hubs.bob, "carol@far.example")).toMatchObject({ code: "not-found" });
  });
});

describe("what such an account says of itself", () => {
  // The other hub's alice has these nodes at her JID, as people with clients do.
  const wanted = () => followedAccount(hubs.here.ports, ALICE);
  const PNG_ID = createHash("sha1").update(PNG).digest("hex");

  it("is its name (XEP-0172), and its picture where that has an address (XEP-0084)", async () => {
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { displayName: "Alice L.", picture: PNG }));
    await follow();
    expect(wanted()).toMatchObject({ displayName: "Alice L.", jid: "alice@far.example" });
    expect(saidOf(ALICE, sioc.avatar)).toEqual(["https://far.example/alice/avatar"]);
  });

  it("is its picture by an address here, where it has none", async () => {
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { picture: PNG }));
    await follow();
    const [address] = await withoutAddress();
    expect(address).toBe(`https://hub.example/api/pictures/${PNG_ID}`);
    expect(hubs.here.ports.records.reader.picture(PNG_ID as PictureId)?.bytes).toEqual(new Uint8Array(PNG));
  });

  it("is read again when it is old, and its picture not fetched again", async () => {
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { picture: PNG }));
    await follow();
    await withoutAddress();
    const before = hubs.here.xmpp.questions.length;
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { displayName: "Alice M." }));
    hubs.here.clock.advance(2 * DAY_MS);
    must(await catchUp(hubs.here.ports, ALICE, "timer"));
    expect(wanted().displayName).toBe("Alice M.");
    const asked = hubs.here.xmpp.questions
      .slice(before)
      .filter(({ detail }) => JSON.stringify(detail)?.includes(PNG_ID));
    expect(asked).toEqual([]);
  });

  it("stays as it was while it cannot be reached", async () => {
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { displayName: "Alice L." }));
    await follow();
    hubs.here.clock.advance(2 * DAY_MS);
    hubs.here.xmpp.before = ({ detail }) =>
      JSON.stringify(detail)?.includes('"max":1,') ? refuse("timed-out", "Not now.") : undefined;
    must(await catchUp(hubs.here.ports, ALICE, "timer"));
    expect(wanted().displayName).toBe("Alice L.");
  });

  it("is no picture when the bytes are others than were named", async () => {
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { picture: PNG }));
    const service = hubs.alice.account.jid;
    const [item] = hubs.there.ports.records.reader.items(service, DATA, { max: 1, order: "creation" })?.items ?? [];
    if (item === undefined) throw new Error("There are no bytes.");
    const payload = avatarDataToXml(pngOf(9, 9).toString("base64"));
    await hubs.there.ports.records.transact(() => ({
      changes: [{ kind: "item-put", item: { ...item, payload } }],
      result: undefined,
    }));
    await follow();
    expect(await withoutAddress()).toEqual([]);
    expect(hubs.here.logged.map(({ event }) => event)).toContain("picture-refused");
  });

  /** The picture's address once the other side says none. */
  async function withoutAddress(): Promise<readonly string[]> {
    const service = hubs.alice.account.jid;
    const [item] = hubs.there.ports.records.reader.items(service, METADATA, { max: 1, order: "creation" })?.items ?? [];
    if (item === undefined) throw new Error("There is no picture.");
    const payload = item.payload.replace(/ url="[^"]*"/, "");
    await hubs.there.ports.records.transact(() => ({
      changes: [{ kind: "item-put", item: { ...item, payload } }],
      result: undefined,
    }));
    must(await catchUp(hubs.here.ports, ALICE, "followed"));
    return saidOf(ALICE, sioc.avatar);
  }
});

describe.each<[string, Record<string, string>]>([
  ["as XEP-0060 has it", { condition: "not-authorized", pubsub: "presence-subscription-required" }],
  ["as Prosody says it", { condition: "forbidden" }],
])("an account that shows its posts to contacts alone, %s", (_, detail) => {
  const closed = refuse("remote-refused", "Contacts only.", detail);
  beforeEach(() => {
    hubs.here.xmpp.before = ({ name }) => {
      if (name === "items" || name === "subscribe") return closed;
      return name.startsWith("discover") ? refuse("remote-unreachable", "Only contacts are answered.") : undefined;
    };
  });

  it("is followed, and asked once to let the hub see its presence", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
    await catchUp(hubs.here.ports, ALICE, "timer");
    expect(hubs.here.xmpp.presences).toEqual([
      { from: "hub.example", to: "alice@far.example", type: "subscribe", nick: "Test hub" },
    ]);
    expect(hubs.here.ports.records.reader.upstream(ALICE)?.state).toBe("subscribing");
  });

  it("is tried again as soon as it says yes", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
    hubs.here.asked.length = 0;
    const presence = { from: "alice@far.example", to: "hub.example", type: "subscribed", show: "online" } as const;
    await receivePresence(hubs.here.ports, presence as never);
    expect(hubs.here.asked).toEqual([{ account: ALICE, why: "followed" }]);
  });
});

describe("an entry of such an account", () => {
  beforeEach(follow);

  it("is refused when another JID published it or is its author", async () => {
    const author = "<author><uri>xmpp:mallory@evil.example</uri></author>";
    await receive(
      item("by-another", "<title>T</title>", "mallory@evil.example"),
      item("of-another", `<title>T</title>${author}`, "alice@far.example/home"),
      item("of-alice-", "<title>T</title><author><uri>xmpp:Alice@far.example</uri></author>", "alice@far.example/home"),
    );
    expect(refusals()).toEqual(["not-the-author", "not-the-author"]);
    // Where it is read, its service may say that it is the person's own: so Prosody with what others may publish there.
    expect(hubs.here.asked.at(-1)).toEqual({ account: ALICE, why: "gap" });
    expect(stored(`${NODE};item=of-alice-`)?.kind).toBe("live");
  });

  it("may name the author of what it passes on", async () => {
    const via = "xmpp:romeo@montague.lit?;node=urn%3Axmpp%3Amicroblog%3A0;item=1cb57d9c";
    const author = "<author><uri>xmpp:romeo@montague.lit</uri></author>";
    await receive(item("repeated", `<title>T</title>${author}<link rel="via" href="${via}"/>`));
    expect(saidOf(`${NODE};item=repeated`, sterna.repostOf)).toEqual([
      "xmpp:romeo@montague.lit?;node=urn:xmpp:microblog:0;item=1cb57d9c",
    ]);
  });

  it("answers a post of this hub by the IRI of its page", async () => {
    hubs.here.clock.advance(SECOND_MS);
    const own = await post(hubs.here, hubs.bob, "Who saw them?");
    const href = `xmpp:bob@hub.example?;node=urn%3Axmpp%3Amicroblog%3A0;item=${own.id}`;
    const thread = 'xmlns:thr="http://purl.org/syndication/thread/1.0"';
    await receive(item("answers", `<title>I did.</title><thr:in-reply-to ${thread} ref="x" href="${href}"/>`));
    expect(saidOf(`${NODE};item=answers`, sioc.reply_of)).toEqual([own.iri]);
  });
});
