import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import { updateAccount } from "../../src/hub/accounts/create-account.ts";
import { catchUp } from "../../src/hub/following/catch-up.ts";
import { followAccount } from "../../src/hub/following/follow-account.ts";
import { receiveEvent } from "../../src/hub/following/receive-event.ts";
import { viewPost } from "../../src/hub/posts/post-view.ts";
import type { PublishedPost } from "../../src/hub/posts/publish-post.ts";
import { handlePubsub } from "../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../src/outcome/refusal.ts";
import type { PubsubRequest } from "../../src/pubsub/request.ts";
import type { SubmittedForm } from "../../src/pubsub/settings/form.ts";
import type { NodeId } from "../../src/pubsub/state.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { addAccount, type Holder, live, must, OWNER, openTestHub, post, type TestHub } from "../hub/test-hub.ts";

// The stanzas of Movim 0.34.1, written after its source (`Moxl\Stanza\Pubsub`, `PubsubAtom`), its markup and all.

const ALICE = "alice@hub.example";
const POST = "terns-at-the-pier-k3Xa9Q";
const DIV = `<div xmlns="http://www.w3.org/1999/xhtml"><p>They are <strong>back</strong> #birds</p>\n</div>`;

let hub: TestHub;
let alice: Holder;
let about: PublishedPost;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
  about = await post(hub, alice, "Who saw the terns?");
});
afterEach(() => hub[Symbol.asyncDispose]());

/** The stanza of a fixture, with `more` in its entry. */
function stanza(name: string, to = ALICE, item: string = about.id, more = ""): XmlElement {
  const text = readFileSync(new URL(`../fixtures/movim/${name}.xml`, import.meta.url), "utf8");
  return must(
    parseXml(text.replaceAll("{{to}}", to).replaceAll("{{item}}", item).replace("</entry>", `${more}</entry>`)),
  );
}

/** The stanza comes in, and is answered. */
async function send(name: string, item?: string) {
  const element = stanza(name, ALICE, item);
  const addressed = addressesOf(element);
  if (addressed === undefined) throw new Error("no addresses");
  const incoming = decodeStanza(element, addressed, { now: hub.clock.now(), newItemId: hub.ports.newItemId });
  if (incoming.kind !== "pubsub") throw new Error(`Expected a request, but got ${JSON.stringify(incoming)}.`);
  return await handlePubsub(hub.ports, incoming.request, addressed.from);
}

/** What a document says, as lines, without the vocabularies' namespaces. */
function said(graph: Iri): readonly string[] {
  const local = (iri: string): string => iri.replace(/^.*[/#](?=\w+$)/, "");
  return live(hub, graph)
    .document.quads.map(({ subject, predicate, object }) => {
      const about = subject.value === graph ? "" : `${subject.value} `;
      return `${about}${local(predicate.value)} ${predicate.value.endsWith("#type") ? local(object.value) : object.value}`;
    })
    .toSorted();
}

const likes = () => viewPost(hub.ports, live(hub, about.iri).document)?.likes;
const comment = (id: string): Iri => `xmpp:${ALICE}?;node=urn:xmpp:microblog:0:comments/${about.id};item=${id}` as Iri;

describe("somebody with Movim and an account here linked to their JID", () => {
  beforeEach(async () => {
    must(await updateAccount(hub.ports, OWNER, "alice", { linkedJids: ["juliet@capulet.lit"] }));
  });

  const iri = `https://hub.example/alice/posts/${POST}` as Iri;

  it("posts with a title, markup, a link, a picture and a tag", async () => {
    expect(await send("post")).toMatchObject({ kind: "published", id: POST });
    expect(said(iri)).toEqual(
      [
        "type MicroblogPost",
        "content Terns & gulls\nThey are **back** #birds",
        `encoded ${DIV}`,
        `created ${live(hub, iri).document.created}`,
        "has_creator https://hub.example/alice#account",
        "maker https://hub.example/alice#me",
        "has_container https://hub.example/alice/posts",
        `previous_by_date ${about.iri}`,
        "topic https://hub.example/tags/birds",
        "https://hub.example/tags/birds type Tag",
        "https://hub.example/tags/birds type Concept",
        "https://hub.example/tags/birds label birds",
        "links_to https://birds.example/terns",
        "attachment https://upload.example/tern.png",
        "https://upload.example/tern.png format image/png",
        "https://upload.example/tern.png description A tern",
      ].toSorted(),
    );
  });

  it("posts in a community that they made with it, without configuring it first", async () => {
    const service = "hub.example" as BareJid;
    const node = "terns" as NodeId;
    const form = (formType: string, fields: Readonly<Record<string, string>>): SubmittedForm => ({
      cancelled: false,
      formType: `http://jabber.org/protocol/pubsub#${formType}`,
      fields: Object.entries(fields).map(([name, value]) => ({ name: `pubsub#${name}`, values: [value] })),
    });
    const ask = async (request: PubsubRequest) => await handlePubsub(hub.ports, request, "juliet@capulet.lit/m" as Jid);
    const made = {
      persist_items: "true",
      deliver_payloads: "false",
      send_last_published_item: "on_sub",
      max_items: "max",
    };
    const config = form("node_config", { ...made, access_model: "open", title: "Terns" });
    expect(await ask({ kind: "create", service, node, config })).toMatchObject({ kind: "created" });
    const asked = { persist_items: "true", max_items: "max", itemreply: "publisher", notify_sub: "true" };
    const options = form("publish-options", asked);
    const item = { id: "first" as ItemId, payload: "<entry/>", published: hub.clock.now(), updated: hub.clock.now() };
    expect(await ask({ kind: "publish", service, node, item, options })).toMatchObject({ kind: "published" });
    const owner = form("publish-options", { itemreply: "owner" });
    expect(await ask({ kind: "publish", service, node, item, options: owner })).toMatchObject({
      condition: "conflict",
    });
  });

  it("deletes what they posted", async () => {
    await send("post");
    // Movim takes the comments' node away by itself; it went with the post.
    expect(await send("create-comments", POST)).toMatchObject({ condition: "conflict" });
    expect((await send("delete")).kind).toBe("done");
    expect(await send("delete-comments", POST)).toMatchObject({ condition: "item-not-found" });
    expect(hub.ports.records.reader.document(iri)?.kind).toBe("tombstone");
  });
});

describe("somebody with Movim, elsewhere", () => {
  it("comments: the text is in the title, the author has no name", async () => {
    const id = "5f0c9d3e-4b1a-4c8e-9d55-2f7f3a1b6c01";
    expect(await send("comment")).toMatchObject({ kind: "published", id });
    expect(said(comment(id))).toEqual(
      [
        "type MicroblogPost",
        "content Fish & chips?",
        "created 2026-06-01T11:00:00.000Z",
        "has_creator xmpp:juliet@capulet.lit",
        `reply_of ${about.iri}`,
        "addressed_to https://hub.example/alice#account",
      ].toSorted(),
    );
  });

  it("likes, and likes no longer", async () => {
    expect(await send("like")).toMatchObject({ kind: "published" });
    expect(likes()).toBe(1);
    expect((await send("unlike")).kind).toBe("done");
    expect(likes()).toBe(0);
  });

  it("cannot post, delete or make nodes for others", async () => {
    for (const name of ["post", "delete", "delete-comments", "create-comments"]) {
      expect((await send(name)).kind).toBe("error");
    }
    expect(live(hub, about.iri).document.author).toBe(alice.iri);
  });
});

describe("somebody with Movim who is followed", () => {
  const JULIET = "juliet@capulet.lit";
  const NODE = `xmpp:${JULIET}?;node=urn:xmpp:microblog:0`;

  /** What their server pushes of what they publish there. */
  async function pushed(name: string, more = ""): Promise<void> {
    const published = stanza(name, JULIET, about.id, more).getChild("pubsub")?.getChild("publish")?.getChild("item");
    if (published === undefined) throw new Error("nothing is published");
    const message = `<message xmlns="jabber:client" from="${JULIET}" to="hub.example" type="headline"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="urn:xmpp:microblog:0"><item id="${published.attrs["id"]}" publisher="${JULIET}">${published.getChildElements().join("")}</item></items></event></message>`;
    const element = must(parseXml(message));
    const addressed = addressesOf(element);
    const context = { now: hub.clock.now(), newItemId: hub.ports.newItemId };
    const incoming = addressed && decodeStanza(element, addressed, context);
    if (incoming?.kind !== "event") throw new Error("no event");
    await receiveEvent(hub.ports, incoming.event);
  }

  beforeEach(async () => {
    hub.xmpp.before = ({ name }) => (name.startsWith("discover") ? refuse("remote-unreachable", "No.") : undefined);
    hub.remote.webfinger = async () => refuse("remote-unreachable", "No.");
    Object.assign(hub.xmpp, {
      items: async () => ({ items: [], complete: true, count: 0 }),
      subscribe: async () => ({ state: "subscribed", subid: "1" }),
    });
    must(await followAccount(hub.ports, alice, JULIET));
    must(await catchUp(hub.ports, `xmpp:${JULIET}` as Iri, "followed"));
  });

  it("is read as SIOC under the names of their node and items", async () => {
    await pushed("post");
    const iri = `${NODE};item=${POST}` as Iri;
    expect(said(iri)).toEqual(
      [
        "type MicroblogPost",
        "content Terns & gulls\nThey are **back** #birds",
        `encoded ${DIV}`,
        "created 2026-06-01T10:00:00.000Z",
        `has_creator xmpp:${JULIET}`,
        `has_container ${NODE}`,
        "topic https://hub.example/tags/birds",
        "https://hub.example/tags/birds type Tag",
        "https://hub.example/tags/birds type Concept",
        "https://hub.example/tags/birds label birds",
        `links_to https://movim.example/blog/juliet/${POST}`,
        "links_to https://birds.example/terns",
        "attachment https://upload.example/tern.png",
        "https://upload.example/tern.png format image/png",
        "https://upload.example/tern.png description A tern",
      ].toSorted(),
    );
  });

  it("is read with the place that other programs give (XEP-0080)", async () => {
    const geoloc = `<geoloc xmlns="http://jabber.org/protocol/geoloc"><lat>53.5</lat><lon>-8.250000</lon></geoloc>`;
    await pushed("post", geoloc);
    const lines = said(`${NODE};item=${POST}` as Iri);
    expect(lines).toContain("lat 53.5");
    expect(lines).toContain("long -8.25");
  });

  it("answers and passes on posts of this hub by their own IRIs", async () => {
    await pushed("reply");
    await pushed("repost");
    expect(said(`${NODE};item=an-answer-to-terns-P0q2Rs` as Iri)).toContain(`reply_of ${about.iri}`);
    expect(said(`${NODE};item=terns-passed-on-W8e1Yt` as Iri)).toContain(`repostOf ${about.iri}`);
  });

  it("has the comments on their newest posts followed", async () => {
    await pushed("post");
    const comments = hub.ports.records.reader.upstreams().find(({ commentsOn }) => commentsOn !== undefined);
    expect(comments).toMatchObject({ service: JULIET, node: `urn:xmpp:microblog:0:comments/${POST}` });
  });
});
