import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { importDocuments } from "../../../src/hub/house/import-documents.ts";
import { pictureOf } from "../../../src/hub/people/picture.ts";
import { keepProfileNodes } from "../../../src/hub/people/profile-nodes.ts";
import { avatarDataToXml, avatarMetadataToXml, nickToXml } from "../../../src/hub/people/profile-payloads.ts";
import { receivePresence } from "../../../src/hub/people/receive-presence.ts";
import { vcard4ToXml, vcardOf, vcardToXml } from "../../../src/hub/people/vcard.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { rdfs } from "../../../src/vocab/rdfs.ts";
import { pngOf } from "../../support/pictures.ts";
import { addAccount, type Holder, irisOf, live, must, OWNER, openTestHub, type TestHub } from "../test-hub.ts";

const LINKED = "alice@jabber.example/phone" as Jid;
const STRANGER = "mallory@far.example/x" as Jid;
const NICK = "http://jabber.org/protocol/nick";
const [METADATA, DATA] = ["urn:xmpp:avatar:metadata", "urn:xmpp:avatar:data"];
const PNG = pngOf(3, 2);
const PNG_ID = createHash("sha1").update(PNG).digest("hex");
const URL_OF_PICTURE = "https://hub.example/alice/avatar";

let hub: TestHub;
let alice: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { displayName: "Alice", linkedJids: ["alice@jabber.example"] });
});
afterEach(() => hub[Symbol.asyncDispose]());

const account = () => hub.ports.records.reader.account(alice.account.name);
const items = (node: string) =>
  hub.ports.records.reader.items(alice.account.jid, node as NodeId, { max: 9, order: "modification" })?.items ?? [];
const saidOf = (predicate: { readonly value: string }) =>
  live(hub, irisOf(hub, alice).profile)
    .document.quads.filter((each) => each.predicate.value === predicate.value)
    .map(({ object }) => object.value);
const change = (wish: Parameters<typeof updateAccount>[3]) => updateAccount(hub.ports, alice, "alice", wish);

function publish(node: string, payload: string, id = "current", actor: Jid = LINKED) {
  const now = hub.clock.now();
  const item = { id: id as ItemId, payload, published: now, updated: now };
  const request: PubsubRequest = { kind: "publish", service: alice.account.jid, node: node as NodeId, item };
  return handlePubsub(hub.ports, request, actor);
}
function cardOf({ account: { jid } }: Holder) {
  const card = vcardOf(hub.ports, jid);
  if (card === undefined) throw new Error(`${jid} has no card.`);
  return card;
}
const data = (bytes: Uint8Array) => avatarDataToXml(Buffer.from(bytes).toString("base64"));
const metadata = (id: string) =>
  `<metadata xmlns="${METADATA}"><info bytes="1" id="${id}" type="image/png" width="1" height="1"/></metadata>`;

describe("an account's picture", () => {
  it("is kept here, named by its hash, and is the person's in RDF", async () => {
    must(await change({ picture: PNG }));
    expect(account()?.picture).toEqual({ id: PNG_ID, type: "image/png", bytes: PNG.length, width: 3, height: 2 });
    expect(saidOf(foaf.img)).toEqual([URL_OF_PICTURE]);
    expect(Buffer.from(must(pictureOf(hub.ports, "alice")).bytes).equals(PNG)).toBe(true);
    expect(items(DATA).map(({ id }) => id)).toEqual([PNG_ID]);
    const facts = { id: PNG_ID as never, type: "image/png", bytes: PNG.length, width: 3, height: 2 } as const;
    expect(items(METADATA).map(({ payload }) => payload)).toEqual([
      avatarMetadataToXml({ ...facts, url: URL_OF_PICTURE }),
    ]);
  });

  it("is taken away again, and everybody is told that there is none", async () => {
    must(await change({ picture: PNG }));
    must(await change({ picture: undefined }));
    expect([account()?.picture, account()?.image, saidOf(foaf.img)]).toEqual([undefined, undefined, []]);
    expect(items(METADATA).map(({ payload }) => payload)).toEqual([avatarMetadataToXml()]);
    expect(pictureOf(hub.ports, "alice")).toMatchObject({ code: "not-found" });
  });

  it("gives way to one elsewhere", async () => {
    must(await change({ picture: PNG }));
    must(await change({ image: "https://elsewhere.example/a.png" }));
    expect(account()).toMatchObject({ image: "https://elsewhere.example/a.png" });
    expect(account()?.picture).toBeUndefined();
  });

  it("stays when something else is changed", async () => {
    must(await change({ picture: PNG }));
    must(await change({ bio: "Watches birds." }));
    expect(account()?.picture?.id).toBe(PNG_ID);
  });

  it("stays when the profile comes back from an export with it", async () => {
    must(await change({ picture: PNG }));
    const { quads } = live(hub, irisOf(hub, alice).profile).document;
    const more = quad(namedNode(irisOf(hub, alice).person), rdfs.comment, literal("From a backup."));
    const stream = (async function* () {
      yield* [...quads, more];
    })();
    const reports = await Array.fromAsync(must(importDocuments(hub.ports, OWNER, stream, { source: "test" })));
    expect(reports.at(-1)).toMatchObject({ done: true, refused: 0 });
    expect(account()).toMatchObject({ bio: "From a backup.", picture: { id: PNG_ID } });
  });

  it("is refused when it is none, and nothing is changed", async () => {
    expect(await change({ picture: Buffer.from("<svg/>") })).toMatchObject({ code: "unsupported-media-type" });
    expect(await change({ picture: Buffer.alloc(300_000) })).toMatchObject({ code: "too-large" });
    expect([account()?.picture, items(METADATA)]).toEqual([undefined, []]);
  });

  it("is told of in the presence of the account (XEP-0153)", async () => {
    const from = "bob@jabber.example" as BareJid;
    await receivePresence(hub.ports, { from, to: alice.account.jid, type: "subscribe", show: "online" });
    must(await change({ picture: PNG }));
    expect(hub.xmpp.presences.at(-1)).toEqual({ from: alice.account.jid, to: from, type: "available", photo: PNG_ID });
  });
});

describe("a linked JID that publishes with its own program", () => {
  it("changes the name", async () => {
    expect(await publish(NICK, nickToXml("Alice L."))).toMatchObject({ kind: "published", node: NICK });
    expect([account()?.displayName, saidOf(foaf.name)]).toEqual(["Alice L.", ["Alice L."]]);
  });

  it("changes what its card says", async () => {
    const card = `<vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"><fn><text>A. L.</text></fn><note><text>Birds.</text></note></vcard>`;
    await publish("urn:xmpp:vcard4", card);
    expect(account()).toMatchObject({ displayName: "A. L.", bio: "Birds." });
    // What all read is made from the profile.
    expect(items("urn:xmpp:vcard4").map(({ payload }) => payload)).toEqual([vcard4ToXml(cardOf(alice))]);
  });

  it("changes the picture: the bytes first, then what names them (XEP-0084 §3.1, §3.2)", async () => {
    expect(await publish(DATA, data(PNG), PNG_ID)).toMatchObject({ kind: "published", id: PNG_ID });
    expect(account()?.picture).toBeUndefined();
    expect(await publish(METADATA, metadata(PNG_ID), PNG_ID)).toMatchObject({ kind: "published" });
    // The size is what the bytes say.
    expect(account()?.picture).toMatchObject({ id: PNG_ID, width: 3, height: 2 });
    expect(saidOf(foaf.img)).toEqual([URL_OF_PICTURE]);
  });

  it("replaces a picture, and the old one's bytes go with the next", async () => {
    for (const side of [4, 5, 6]) {
      const bytes = pngOf(side, side);
      const id = createHash("sha1").update(bytes).digest("hex");
      await publish(DATA, data(bytes), id);
      await publish(METADATA, metadata(id), id);
      hub.clock.advance(1_000);
      expect(must(pictureOf(hub.ports, "alice")).facts).toMatchObject({ id, width: side });
    }
    expect(items(DATA)).toHaveLength(2);
  });

  it("takes the picture away by saying that there is none", async () => {
    must(await change({ picture: PNG }));
    await publish(METADATA, avatarMetadataToXml());
    expect(account()?.picture).toBeUndefined();
  });

  it("takes it away by deleting the node, which stays", async () => {
    must(await change({ picture: PNG }));
    const request = { kind: "delete", service: alice.account.jid, node: METADATA as NodeId } as const;
    expect(await handlePubsub(hub.ports, request, LINKED)).toEqual({ kind: "done" });
    expect(account()?.picture).toBeUndefined();
    expect(items(METADATA)).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>, object]>([
    ["a picture by another name", () => publish(DATA, data(PNG), "0".repeat(40)), { condition: "bad-request" }],
    ["no picture", () => publish(DATA, data(Buffer.from("<svg/>")), "x"), { condition: "not-acceptable" }],
    ["one too large", () => publish(DATA, data(Buffer.alloc(262_145)), "x"), { condition: "policy-violation" }],
    ["what was never published", () => publish(METADATA, metadata(PNG_ID), PNG_ID), { condition: "bad-request" }],
    ["another payload", () => publish(NICK, "<x xmlns='urn:x'/>"), { condition: "bad-request" }],
    ["a name without end", () => publish(NICK, nickToXml("x".repeat(101))), { condition: "policy-violation" }],
  ])("is refused with %s", async (_, ask, wanted) => {
    expect(await ask()).toMatchObject({ kind: "error", ...wanted });
    expect(account()).toEqual(alice.account);
  });

  it("is the only one who may", async () => {
    for (const [node, payload] of [
      [NICK, nickToXml("Mallory")],
      [DATA, data(PNG)],
      [METADATA, avatarMetadataToXml()],
    ] as const) {
      expect(await publish(node, payload, PNG_ID, STRANGER)).toMatchObject({ condition: "forbidden" });
    }
    expect(account()).toEqual(alice.account);
  });
});

describe("cards", () => {
  it("say the same in both forms, escaped (XEP-0054, XEP-0292)", async () => {
    must(await change({ displayName: "A & B", bio: "Birds <3", picture: PNG }));
    const card = cardOf(alice);
    expect(vcardToXml(card)).toBe(
      `<vCard xmlns="vcard-temp"><FN>A &amp; B</FN><NICKNAME>alice</NICKNAME><URL>https://hub.example/alice</URL><DESC>Birds &lt;3</DESC><JABBERID>alice@hub.example</JABBERID><PHOTO><TYPE>image/png</TYPE><BINVAL>${PNG.toString("base64")}</BINVAL></PHOTO></vCard>`,
    );
    expect(vcard4ToXml(card)).toContain(`<photo><uri>${URL_OF_PICTURE}</uri></photo>`);
  });

  it("are the hub's at its own domain, and nobody's where nobody is", () => {
    expect(vcardOf(hub.ports, "hub.example" as BareJid)).toMatchObject({ name: "Test hub", jid: "hub.example" });
    expect(vcardOf(hub.ports, "nobody@hub.example" as BareJid)).toBeUndefined();
  });
});

describe("accounts of an older version", () => {
  it("get their nodes once", async () => {
    const service = alice.account.jid;
    await hub.ports.records.transact(() => ({
      changes: [NICK, "urn:xmpp:vcard4"].map((node) => ({ kind: "node-removed", service, node: node as NodeId })),
      result: undefined,
    }));
    await keepProfileNodes(hub.ports);
    expect(items(NICK).map(({ payload }) => payload)).toEqual([nickToXml("Alice")]);
    const before = items(NICK)[0]?.updated;
    hub.clock.advance(1_000);
    await keepProfileNodes(hub.ports);
    expect(items(NICK)[0]?.updated).toBe(before);
  });
});
