import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { startLink } from "../../../src/hub/accounts/link-jid.ts";
import { startChatWatches } from "../../../src/hub/chat/chat-watches.ts";
import { type ChatMessage, talk } from "../../../src/hub/chat/talk.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { publishPost } from "../../../src/hub/posts/publish-post.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { addAccount, DAY_MS, type Holder, live, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const PHONE = "alice@far.example/phone";
let hub: TestHub;
let alice: Holder;
let bob: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { linkedJids: ["alice@far.example"] });
  bob = await addAccount(hub, "bob");
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

/** Says something to the hub; what it answered, undefined for nothing. */
async function say(
  body: string,
  more: Partial<Record<"from" | "to", string>> & Partial<Omit<ChatMessage, "from" | "to">> = {},
) {
  hub.clock.advance(1_000);
  const before = hub.xmpp.said.length;
  const { from = PHONE, to = "hub.example", ...rest } = more;
  await talk(hub.ports, { body, ...rest, from: from as Jid, to: to as Jid });
  expect(hub.xmpp.said.length - before).toBeLessThanOrEqual(1);
  return hub.xmpp.said[before]?.body;
}

const postsOf = ({ iri }: Holder) =>
  hub.ports.records.reader
    .list({ scope: { kind: "authors", authors: [iri], documentKind: "post" }, limit: 100 })
    .documents.map(({ graph }) => graph);
const posted = (answer: string | undefined) => /^Posted (\S+)$/.exec(answer ?? "")?.[1];

describe("talking to the hub", () => {
  it("posts a plain text, and answers from the JID that was written to", async () => {
    const iri = posted(await say("The terns are back."));
    expect(postsOf(alice)).toEqual([iri]);
    expect(hub.xmpp.said[0]).toMatchObject({ from: "hub.example", to: PHONE });
    await say("And gone.", { to: "alice@hub.example/anything" });
    expect(hub.xmpp.said[1]).toMatchObject({ from: "alice@hub.example", to: PHONE });
    expect(postsOf(alice)).toHaveLength(2);
  });

  it("takes markup for text, and refuses what cannot be a post without posting it", async () => {
    const iri = posted(await say("<script>1 < 2</script> & more"));
    expect(JSON.stringify(live(hub, iri as never).document.quads)).toContain("<script>1 < 2</script> & more");
    expect(await say("x".repeat(6_000))).toContain("5000");
    expect(await say("x".repeat(1_000_000))).toContain("20000");
    expect(postsOf(alice)).toHaveLength(1);
  });

  it("follows, shows the timeline with numbers, answers by number and by the program's own reply, and deletes", async () => {
    expect(await say("follow bob@hub.example")).toContain("Following");
    const { iri } = await post(hub, bob, "A puffin!");
    const timeline = await say("timeline");
    expect(timeline).toContain("1. bob");
    expect(timeline).toContain("A puffin!");
    const first = posted(await say("reply 1 Where?"));
    const second = posted(await say("On which island?", { answers: iri }));
    for (const answer of [first, second]) {
      expect(JSON.stringify(live(hub, answer as never).document.quads)).toContain(iri);
    }
    expect(await say(`delete ${first}`)).toBe(`Deleted ${first}`);
    expect(await say(`delete ${iri}`)).toContain("only the account itself");
    expect(postsOf(alice)).toEqual([second]);
    expect(await say("unfollow bob@hub.example")).toContain("Not following");
    expect(await say("search puffin")).toContain("Nothing");
  });

  it("reposts by number, and says in lists who reposted whom and who quoted what", async () => {
    await say("follow bob@hub.example");
    const { iri } = await post(hub, bob, "A puffin!");
    await say("timeline");
    expect(await say("repost 1")).toBe(`Reposted ${iri}`);
    must(await publishPost(hub.ports, bob, "bob", { text: "Look!", quoteOf: iri }));
    const timeline = await say("timeline");
    expect(timeline).toContain("alice <alice@hub.example> ·");
    expect(timeline).toMatch(/reposted bob:\nA puffin!/);
    expect(timeline).toMatch(/Look!\n> bob: A puffin!/);
  });

  it("searches the timeline for posts with all words, whatever their case", async () => {
    await post(hub, alice, "An Arctic TERN");
    await post(hub, alice, "A common tern");
    const found = await say("search tern arctic");
    expect(found).toContain("An Arctic TERN");
    expect(found).not.toContain("common");
    await post(hub, bob, "Another arctic tern, of somebody who is not followed");
    expect(await say("search arctic tern")).not.toContain("somebody");
    expect(await say("search ter")).toContain("Nothing");
  });

  it("answers SPARQL with rows, yes or no, and refuses bad syntax in a sentence", async () => {
    await say("A tern");
    expect(await say("query ASK { ?post <http://rdfs.org/sioc/ns#content> 'A tern' }")).toBe("Yes.");
    expect(await say("query SELECT ?text { ?post <http://rdfs.org/sioc/ns#content> ?text }")).toBe("text: A tern");
    expect(await say("query SELECT oops")).toMatch(/line/i);
    expect(postsOf(alice)).toHaveLength(1);
  });

  it("posts nothing that came encrypted, corrects something, or answers no post", async () => {
    expect(await say("I sent you an OMEMO message", { unusable: "encrypted" })).toContain("encrypt");
    expect(await say("Terns", { unusable: "correction" })).toContain("Corrections");
    expect(await say("thanks", { answers: "some-message" })).toContain("nothing was posted");
    expect(postsOf(alice)).toEqual([]);
  });

  it("says who somebody is, and asks which account is meant where there are several", async () => {
    expect(await say("whoami")).toContain("You are alice");
    await addAccount(hub, "work", { linkedJids: ["alice@far.example"] });
    expect(await say("whoami")).toContain("more than one account");
    expect(await say("whoami", { to: "work@hub.example" })).toContain("You are work");
  });
});

describe("what one JID says", () => {
  /** Says several things at once; what was answered, in order. */
  const sayAll = async (bodies: readonly string[]) => {
    hub.clock.advance(1_000);
    const before = hub.xmpp.said.length;
    const talks = bodies.map((body) => talk(hub.ports, { body, from: PHONE as Jid, to: "hub.example" as Jid }));
    const taken = await Promise.all(talks);
    return { taken, said: hub.xmpp.said.slice(before).map(({ body }) => body) };
  };

  it("is answered in order, however long each takes", async () => {
    const { said } = await sayAll(["query ASK { ?s ?p ?o }", "whoami", "First", "timeline"]);
    expect(said).toEqual([
      "Yes.",
      expect.stringContaining("You are alice"),
      expect.stringContaining("Posted"),
      expect.stringContaining("1. alice"),
    ]);
  });

  it("is not taken when too much of it waits, and then again", async () => {
    const { taken } = await sayAll(Array.from({ length: 14 }, () => "whoami"));
    expect(taken.filter((each) => each)).toHaveLength(10);
    expect(hub.logged).toContainEqual(expect.objectContaining({ event: "chat-dropped" }));
    expect((await sayAll(["help"])).taken).toEqual([true]);
  });

  it("gives up a running query when it is stop, and says when nothing is running", async () => {
    const asked = Promise.withResolvers<void>();
    const adHoc = hub.ports.queries.adHoc.bind(hub.ports.queries);
    (hub.ports.queries as { adHoc: typeof adHoc }).adHoc = async (_, { signal }) => {
      asked.resolve();
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      return refuse("timed-out", "It was given up.");
    };
    const query = say("query ASK { ?s ?p ?o }");
    await asked.promise;
    const eve = { from: "eve@far.example" as Jid, to: "hub.example" as Jid, body: "stop" };
    await talk(hub.ports, eve);
    expect(hub.xmpp.said.filter(({ to }) => to === PHONE)).toEqual([]);
    await talk(hub.ports, { ...eve, from: PHONE as Jid, body: " Stop " });
    await query.catch(() => undefined);
    expect(hub.xmpp.said.filter(({ to }) => to === PHONE).map(({ body }) => body)).toEqual(["Stopped."]);
    expect(await say("stop")).toContain("Nothing is running");
    expect(postsOf(alice)).toEqual([]);
  });
});

describe("strangers, bots and floods", () => {
  it("tells a stranger once a day, also one that looks like a linked JID, and counts the rest", async () => {
    const cyrillic = "\u0430lice@far.example";
    for (const from of ["eve@far.example/x", cyrillic]) {
      expect(await say("hello", { from })).toContain("only linked addresses");
      expect(await say("hello?", { from })).toBeUndefined();
    }
    expect(await say("hello", { to: "bob@hub.example" })).toContain("only linked addresses");
    hub.clock.advance(DAY_MS);
    expect(await say("hello", { from: "eve@far.example/y" })).toContain("only linked addresses");
    expect(hub.logged.filter(({ event }) => event === "chat-dropped")).toHaveLength(1);
    expect(postsOf(alice)).toEqual([]);
  });

  it("does not answer a whole domain of strangers", async () => {
    const answers = [];
    for (let at = 0; at < 100; at++) answers.push(await say("hi", { from: `bot${at}@far.example` }));
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(20);
  });

  it("never answers hubs, components, or its own accounts", async () => {
    for (const from of ["far.example", "far.example/x", "bob@hub.example", "hub.example"]) {
      expect(await say("hello", { from })).toBeUndefined();
    }
  });

  it("ends with a bot that gives its own words back, and with one that says always the same much too often", async () => {
    const help = await say("help");
    expect(await say(help ?? "")).toBeUndefined();
    const answers = [];
    for (let at = 0; at < 100; at++) {
      hub.clock.advance(-900);
      answers.push(await say(`whoami`));
    }
    expect(answers.filter((answer) => answer?.startsWith("You are"))).toHaveLength(29);
    expect(answers.filter((answer) => answer?.startsWith("Too many"))).toHaveLength(1);
    hub.clock.advance(60_000);
    expect(await say("whoami")).toContain("You are");
  });
});

describe("linking a JID by a code", () => {
  const NEW = "alice@new.example";
  const codeSent = () =>
    /: ([0-9a-f]{10})\n/.exec(hub.xmpp.said.findLast(({ to }) => to === NEW)?.body ?? "")?.[1] ?? "";
  const linked = () => hub.ports.records.reader.accountsOfLinkedJid(NEW as BareJid).map(({ name }) => name);

  it("links the JID that sends the code back, which then posts", async () => {
    must(await startLink(hub.ports, alice, "alice", NEW));
    expect(await say(codeSent(), { from: "eve@new.example/x" })).not.toContain("Linked");
    expect(linked()).toEqual([]);
    expect(await say(` ${codeSent().toUpperCase()} `, { from: `${NEW}/x` })).toContain("Linked");
    expect(linked()).toEqual(["alice"]);
    expect(hub.ports.records.reader.accountsOfLinkedJid("alice@far.example" as BareJid)).toHaveLength(1);
    expect(posted(await say("Hello from here", { from: `${NEW}/x` }))).toBeDefined();
  });

  it("ends a code after five wrong ones, and after a quarter of an hour", async () => {
    must(await startLink(hub.ports, alice, "alice", NEW));
    const right = codeSent();
    for (let at = 0; at < 5; at++) expect(await say(`000000000${at}`, { from: NEW })).toContain("not the code");
    expect(await say(right, { from: NEW })).not.toContain("Linked");
    expect(await startLink(hub.ports, alice, "alice", NEW)).toMatchObject({ code: "conflict" });
    hub.clock.advance(16 * 60_000);
    must(await startLink(hub.ports, alice, "alice", NEW));
    const late = codeSent();
    hub.clock.advance(16 * 60_000);
    expect((await say(late, { from: NEW })) ?? "").not.toContain("Linked");
    expect(linked()).toEqual([]);
  });

  it("sends no code for somebody else, to what is no person's JID, to a linked one, too often, or offline", async () => {
    expect(await startLink(hub.ports, bob, "alice", NEW)).toMatchObject({ code: "forbidden" });
    for (const jid of ["far.example", "x@hub.example", "not a jid", "a@b.example/x"]) {
      expect(await startLink(hub.ports, alice, "alice", jid)).toMatchObject({ code: "invalid" });
    }
    expect(await startLink(hub.ports, alice, "alice", "alice@far.example")).toMatchObject({ code: "conflict" });
    hub.xmpp.become("connecting");
    expect(await startLink(hub.ports, alice, "alice", NEW)).toMatchObject({ code: "unavailable" });
    hub.xmpp.become("online");
    for (let at = 0; at < 5; at++) must(await startLink(hub.ports, alice, "alice", `a${at}@new.example`));
    expect(await startLink(hub.ports, alice, "alice", NEW)).toMatchObject({ code: "too-many" });
  });
});

describe("followed posts as chat", () => {
  it("come after watch on, can be answered, and end with watch off", async () => {
    const stop = new AbortController();
    startChatWatches(hub.ports, stop.signal);
    await say("follow bob@hub.example");
    expect(await say("watch on")).toContain("come here");
    const { iri } = await post(hub, bob, "A gannet!");
    expect(hub.xmpp.said.at(-1)).toMatchObject({ from: "alice@hub.example", to: "alice@far.example", id: iri });
    expect(hub.xmpp.said.at(-1)?.body).toContain("A gannet!");
    const answer = posted(await say("Where?", { answers: iri, to: "alice@hub.example" }));
    expect(JSON.stringify(live(hub, answer as never).document.quads)).toContain(iri);
    await say("watch off");
    const count = hub.xmpp.said.length;
    await post(hub, bob, "Another one");
    expect(hub.xmpp.said).toHaveLength(count);
    stop.abort();
  });

  it("come in order, in the place of the older text after an edit or a delete, and not twice after a restart", async () => {
    await say("follow bob@hub.example");
    await say("watch on");
    let stop = new AbortController();
    startChatWatches(hub.ports, stop.signal);
    const before = hub.xmpp.said.length;
    const [one, two] = [await post(hub, bob, "One gannet"), await post(hub, bob, "Two gannets")];
    hub.clock.advance(1_000);
    must(await editPost(hub.ports, bob, one.iri, { text: "A single gannet" }));
    must(await deletePost(hub.ports, bob, two.iri));
    const said = hub.xmpp.said.slice(before);
    expect(said.map(({ id, replaces }) => [id, replaces])).toEqual([
      [one.iri, undefined],
      [two.iri, undefined],
      [undefined, one.iri],
      [undefined, two.iri],
    ]);
    expect(said[2]?.body).toContain("A single gannet");
    expect(said[3]?.body).toContain("deleted");
    stop.abort();
    stop = new AbortController();
    startChatWatches(hub.ports, stop.signal);
    must(await editPost(hub.ports, bob, one.iri, { text: "No gannet" }));
    expect(hub.xmpp.said).toHaveLength(before + 4);
    await post(hub, bob, "A new one");
    expect(hub.xmpp.said).toHaveLength(before + 5);
    stop.abort();
  });

  it("end when the address is the account's no more", async () => {
    const stop = new AbortController();
    startChatWatches(hub.ports, stop.signal);
    await say("follow bob@hub.example");
    await say("watch on");
    must(await updateAccount(hub.ports, alice, "alice", { linkedJids: [] }));
    const count = hub.xmpp.said.length;
    await post(hub, bob, "Not for strangers");
    expect(hub.xmpp.said).toHaveLength(count);
    stop.abort();
  });

  it("go on after a restart, and are bounded", async () => {
    await say("follow bob@hub.example");
    await say("watch on");
    const stop = new AbortController();
    startChatWatches(hub.ports, stop.signal);
    const before = hub.xmpp.said.length;
    for (let at = 0; at < 30; at++) await post(hub, bob, `Gannet ${at}`);
    expect(hub.xmpp.said.length - before).toBe(20);
    stop.abort();
    hub.clock.advance(DAY_MS);
    await post(hub, bob, "After all");
    expect(hub.xmpp.said.length - before).toBe(20);
  });
});
