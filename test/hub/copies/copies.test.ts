import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryFromXml, parseXml } from "../../../src/atom/xml.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { copiesStatus, startCopies } from "../../../src/hub/copies/keep-copies.ts";
import { copyTo, placeForCopies } from "../../../src/hub/copies/set-also-at.ts";
import { takeIn } from "../../../src/hub/following/receive-event.ts";
import type { HubPorts } from "../../../src/hub/ports/hub-ports.ts";
import type { Upstream } from "../../../src/hub/ports/records.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { isRefusal, refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { readAsMovim } from "../../support/movim-reader.ts";
import type { Network } from "../memory-network.ts";
import { addAccount, type Holder, must, OWNER, openTestHub, post, type TestHub } from "../test-hub.ts";

async function setAlsoAt(ports: HubPorts, by: Requester, name: string, text: string) {
  const place = await placeForCopies(ports, by, name, text);
  return isRefusal(place) ? place : await copyTo(ports, place);
}

const ME = "me@far.example" as BareJid;
const network: Network = new Map();
let hub: TestHub;
/** The person's own server, played by another hub. */
let far: TestHub;
let alice: Holder;
let stop: AbortController;

beforeEach(async () => {
  hub = await openTestHub({ network });
  far = await openTestHub({ base: "https://far.example/", domain: "far.example", network, clock: hub.clock });
  await addAccount(far, "me", { linkedJids: ["alice@hub.example"] });
  alice = await addAccount(hub, "alice", { linkedJids: [ME] });
  stop = new AbortController();
  startCopies(hub.ports, stop.signal);
});
afterEach(async () => {
  stop.abort();
  await hub[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

const also = async (jid: string) => {
  const account = must(await setAlsoAt(hub.ports, alice, "alice", jid));
  alice = { ...alice, account };
  return account;
};
/** The texts that stand in the person's own microblog. */
const there = () =>
  far.ports.records.reader
    .list({ scope: { kind: "all", documentKind: "post" }, limit: 100 })
    .documents.map(({ quads }) => quads.find(({ predicate }) => predicate.value.endsWith("#content"))?.object.value);
const published = () => hub.xmpp.questions.filter(({ name }) => name === "publish").length;
/** Until nothing waits that could go. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    const lines = copiesStatus(hub.ports, OWNER);
    const isBusy = lines.some(({ waiting, problem }) => waiting > 0 && problem === undefined);
    if (turn > 50 && !(isBusy && hub.xmpp.status.kind === "online")) return;
  }
  throw new Error("It goes on and on.");
}
/** How many copies of an account's posts were on their way at the same time; none arrives before `work` is done. */
async function atOnce(work: () => Promise<unknown>): Promise<number> {
  let [now, most] = [0, 0];
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const publish = hub.xmpp.publish.bind(hub.xmpp);
  hub.xmpp.publish = async (...asked) => {
    most = Math.max(most, ++now);
    await done;
    try {
      return await publish(...asked);
    } finally {
      now--;
    }
  };
  await work();
  finish();
  await settled();
  return most;
}
/** Somebody changes what the own server says to the hub. */
const says = (condition: string | undefined) => {
  hub.xmpp.before = ({ name, jid }) =>
    condition !== undefined && jid === ME && ["publish", "retract", "affiliation"].includes(name)
      ? refuse("remote-refused", `${jid} answered with ${condition}.`, { condition })
      : undefined;
};

describe("posts in the person's own microblog", () => {
  it("stand there from the beginning on, follow edits, and go with deletes", async () => {
    await post(hub, alice, "before");
    hub.clock.advance(1_000);
    await also(ME);
    const { iri } = await post(hub, alice, "A tern!");
    await settled();
    expect(there()).toEqual(["A tern!"]);
    hub.clock.advance(1_000);
    must(await editPost(hub.ports, alice, iri, { text: "Two terns!" }));
    await settled();
    expect(there()).toEqual(["Two terns!"]);
    must(await deletePost(hub.ports, alice, iri));
    await settled();
    expect(there()).toEqual([]);
    await also("");
    await post(hub, alice, "after");
    await settled();
    expect(there()).toEqual([]);
  });

  it("are sent one after the other, each once", async () => {
    await also(ME);
    const most = await atOnce(async () => {
      for (const text of ["one", "two", "three"]) await post(hub, alice, text);
    });
    expect(most).toBe(1);
    expect(published()).toBe(3);
    expect(new Set(there())).toEqual(new Set(["one", "two", "three"]));
  });

  it("name the person's JID as their author, their place there, and the comments here", async () => {
    await also(ME);
    const payloads: string[] = [];
    const publish = hub.xmpp.publish.bind(hub.xmpp);
    hub.xmpp.publish = async (...args) => {
      payloads.push(args[3].payload);
      return await publish(...args);
    };
    const { iri, id } = await post(hub, alice, "A tern!");
    await settled();
    const entry = must(entryFromXml(must(parseXml(payloads[0] ?? ""))));
    expect(entry).toMatchObject({ id: iri, authorUri: `xmpp:${ME}` });
    const hrefs = entry.links.map(({ rel, href }) => `${rel} ${href}`);
    expect(hrefs).toContain(`alternate xmpp:${ME}?;node=urn:xmpp:microblog:0;item=${id}`);
    expect(hrefs).toContain(`replies xmpp:alice@hub.example?;node=urn:xmpp:microblog:0:comments/${id}`);
    expect(hrefs).toContain(`alternate ${iri}`);
    expect(hub.xmpp.questions.findLast(({ name }) => name === "publish")?.jid).toBe(ME);
    // Services name the account as publisher, as Prosody in what it pushes, or nobody: Movim shows the person.
    for (const publisher of ["", ` publisher="${alice.account.jid}"`]) {
      const item = must(
        parseXml(`<item xmlns="http://jabber.org/protocol/pubsub" id="${id}"${publisher}>${payloads[0]}</item>`),
      );
      expect(readAsMovim(item, ME, MICROBLOG_NODE, new Date(hub.clock.now()))).toMatchObject({ author: ME });
    }
  });

  it("are not begun where the account may not publish, for a JID that is not linked, or by others", async () => {
    says("forbidden");
    const refused = await setAlsoAt(hub.ports, alice, "alice", ME);
    expect(refused).toMatchObject({ code: "remote-refused", message: expect.stringContaining("publisher") });
    says(undefined);
    expect(await setAlsoAt(hub.ports, alice, "alice", "eve@far.example")).toMatchObject({ code: "conflict" });
    expect(await setAlsoAt(hub.ports, alice, "alice", "nonsense@@")).toMatchObject({ code: "invalid" });
    expect(await setAlsoAt(hub.ports, OWNER, "alice", ME)).toMatchObject({ code: "forbidden" });
    expect(hub.ports.records.reader.account(alice.account.name)?.alsoAt).toBeUndefined();
    expect(published()).toBe(0);
  });

  it("are not begun for a JID that is unlinked while its server is asked", async () => {
    const place = must(await placeForCopies(hub.ports, alice, "alice", ME));
    must(await updateAccount(hub.ports, OWNER, "alice", { linkedJids: [] }));
    expect(await copyTo(hub.ports, place)).toMatchObject({ code: "conflict" });
    expect(hub.ports.records.reader.account(alice.account.name)?.alsoAt).toBeUndefined();
  });

  it("end with the link of the JID", async () => {
    await also(ME);
    must(await updateAccount(hub.ports, OWNER, "alice", { bio: "Birds" }));
    expect(hub.ports.records.reader.account(alice.account.name)?.alsoAt?.jid).toBe(ME);
    must(await updateAccount(hub.ports, OWNER, "alice", { linkedJids: [] }));
    await post(hub, { ...alice, account: must(await updateAccount(hub.ports, OWNER, "alice", {})) }, "A tern!");
    await settled();
    expect(there()).toEqual([]);
  });

  it("wait while they are refused, which is said once by chat and in the status, and come in order later", async () => {
    await also(ME);
    says("forbidden");
    await post(hub, alice, "one");
    await settled();
    await post(hub, alice, "two");
    await settled();
    expect(copiesStatus(hub.ports, alice)).toMatchObject([
      { jid: ME, waiting: 2, problem: expect.stringContaining("forbidden") },
    ]);
    expect(copiesStatus(hub.ports, { kind: "anonymous" })).toEqual([]);
    expect(hub.xmpp.said.filter(({ to }) => to === ME)).toHaveLength(1);
    says(undefined);
    const order: string[] = [];
    far.ports.records.onCommit(({ changes }) => order.push(...changes.map(({ graph }) => graph.slice(-3))));
    hub.clock.advance(20_000);
    await post(hub, alice, "three");
    await settled();
    expect(there()).toEqual(["three", "two", "one"]);
    expect(order).toEqual(order.toSorted());
    expect(copiesStatus(hub.ports, alice)).toEqual([{ account: "alice", jid: ME, waiting: 0 }]);
  });

  it("leave out a single post that the server will not have, and say so", async () => {
    await also(ME);
    says("not-acceptable");
    const { id } = await post(hub, alice, "too much");
    await settled();
    says(undefined);
    await post(hub, alice, "fine");
    await settled();
    expect(there()).toEqual(["fine"]);
    expect(hub.xmpp.said.at(-1)?.body).toContain(id);
    // Tried again with each new link, and not said again.
    says("not-acceptable");
    const [before, said] = [published(), hub.xmpp.said.length];
    hub.xmpp.become("connecting");
    hub.xmpp.become("online");
    await settled();
    expect([published() - before, hub.xmpp.said.length - said]).toEqual([1, 0]);
  });

  it("are not held up by one that its owner took out, where taking out what is not there is forbidden", async () => {
    await also(ME);
    const { iri } = await post(hub, alice, "taken out there");
    await settled();
    // As ejabberd answers a publisher.
    hub.xmpp.before = ({ name }) =>
      name === "retract"
        ? refuse("remote-refused", `${ME} answered with forbidden.`, { condition: "forbidden" })
        : undefined;
    must(await deletePost(hub.ports, alice, iri));
    await post(hub, alice, "the next one");
    await settled();
    expect(copiesStatus(hub.ports, alice)).toEqual([{ account: "alice", jid: ME, waiting: 0 }]);
    expect(there()).toContain("the next one");
  });

  it("are compared after a restart: what was posted, edited or deleted meanwhile, and nothing twice", async () => {
    await also(ME);
    const [kept, edited, gone] = [
      await post(hub, alice, "kept"),
      await post(hub, alice, "edited"),
      await post(hub, alice, "gone"),
    ];
    await settled();
    stop.abort();
    hub.clock.advance(1_000);
    must(await editPost(hub.ports, alice, edited.iri, { text: "edited indeed" }));
    must(await deletePost(hub.ports, alice, gone.iri));
    await post(hub, alice, "new");
    const before = published();
    stop = new AbortController();
    startCopies(hub.ports, stop.signal);
    await settled();
    expect(there()).toEqual(["new", "edited indeed", "kept"]);
    expect(published() - before).toBe(2);
    expect(kept.iri).toContain("alice");
    hub.xmpp.become("connecting");
    hub.xmpp.become("online");
    await settled();
    expect(published() - before).toBe(2);
  });

  it("wait for the link", async () => {
    await also(ME);
    hub.xmpp.become("connecting");
    await post(hub, alice, "offline");
    await settled();
    expect(there()).toEqual([]);
    hub.xmpp.become("online");
    await settled();
    expect(there()).toEqual(["offline"]);
  });

  it("do not come back as posts of the person's JID, when somebody here follows it", async () => {
    await also(ME);
    const { id } = await post(hub, alice, "A tern!");
    await settled();
    const read = { kind: "items", service: ME, node: MICROBLOG_NODE, ids: [], page: { max: 5 } } as never;
    const reply = await handlePubsub(far.ports, read, "x@y.example" as Jid);
    expect(reply.kind).toBe("items");
    const account = `xmpp:${ME}` as Iri;
    const upstream = {
      account,
      profile: account,
      authority: `xmpp:${ME}?;node=urn%3Axmpp%3Amicroblog%3A0;item=`,
      service: ME,
      node: MICROBLOG_NODE,
    } as unknown as Upstream;
    const copy = (atom: string) =>
      must(
        parseXml(`<entry xmlns='http://www.w3.org/2005/Atom'><id>${atom}</id><title>A tern!</title>
        <updated>2026-06-01T12:00:00Z</updated><published>2026-06-01T12:00:00Z</published></entry>`),
      );
    const posts = () => hub.ports.records.reader.count({ kind: "all", documentKind: "post" });
    const before = posts();
    const own = { id, payload: copy(`https://hub.example/alice/posts/${id}`) };
    expect(await takeIn(hub.ports, upstream, [own])).toMatchObject({ stored: 0, refused: [] });
    expect(posts()).toBe(before);
    const another = { id: "another-one" as never, payload: copy("https://hub.example/alice/posts/none") };
    expect(await takeIn(hub.ports, upstream, [another])).toMatchObject({ stored: 1, refused: [] });
  });
});
