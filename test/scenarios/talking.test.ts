import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { RawComponent } from "./raw-component.ts";
import { Commands } from "./sterna-command.ts";

const SECRET = "tern";
const ALICE = "alice@people.localhost";

await describeNeeding(["prosody"], "a person talking to a hub over XMPP", () => {
  const stack = new AsyncDisposableStack();
  let people: RawComponent;
  let hub: HubProcess;
  let alice: TestAccount;
  let commands: Commands;

  beforeAll(async () => {
    const components = ["here.localhost", "people.localhost"].map((domain) => ({ domain, secret: SECRET }));
    const prosody = stack.use(await startTestProsody({ components }));
    const xmpp = { service: prosody.service, domain: "here.localhost", secret: SECRET };
    hub = stack.use(await HubProcess.start({ xmpp }));
    commands = stack.use(await Commands.open());
    alice = await hub.account("alice");
    await hub.account("bob", { linkedJids: ["bob@people.localhost"] });
    people = stack.use(await RawComponent.open(prosody.componentPort, "people.localhost", SECRET));
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  const say = (from: string, body: string, more = "", to = "here.localhost"): void =>
    people.say(`<message type='chat' id='said' from='${from}/phone' to='${to}'><body>${body}</body>${more}</message>`);
  const hears = async (to: string, words: string): Promise<string> => {
    const body = new RegExp(`<message(?=[^>]*to=['"]${to}(?:/phone)?['"])[^>]*><body>([^<]*${words}[^<]*)</body>`, "s");
    return (await people.hears(body))[1] ?? "";
  };

  it("links by a code, posts, follows, reads the timeline, is pushed a post and answers it", async () => {
    say(ALICE, "Hello?");
    await hears(ALICE, "only linked addresses");

    const linking = await commands.run(["account", "link", ALICE, "--url", hub.base, "--token", alice.token]);
    expect(linking).toMatchObject({ code: 0, stdout: expect.stringContaining(`sent to ${ALICE}`) });
    const code = /: ([0-9a-f]{10})/.exec(await hears(ALICE, "send this code back"))?.[1] ?? "";
    say(ALICE, code);
    await hears(ALICE, "Linked");

    say(ALICE, "Terns &lt;b&gt;are&lt;/b&gt; back", "<request xmlns='urn:xmpp:receipts'/>");
    await people.hears(/<received(?=[^>]*xmlns=['"]urn:xmpp:receipts)/);
    const [, iri = ""] = /Posted (\S+)/.exec(await hears(ALICE, "Posted")) ?? [];
    const page = await fetch(iri, { headers: { accept: "text/turtle" } });
    expect(await page.text()).toContain("Terns <b>are</b> back");

    say(ALICE, "follow bob@here.localhost");
    await hears(ALICE, "Following");
    say(ALICE, "watch on");
    await hears(ALICE, "come here from now on");
    say("bob@people.localhost", "A gannet!", "", "bob@here.localhost");
    const [, , pushed = ""] = await people.hears(
      /<message(?=[^>]*to=['"]alice@people\.localhost['"])(?=[^>]*id=(['"])(http[^'"]+)\1)[^>]*><body>[^<]*A gannet!/s,
    );
    say(ALICE, "Where?", `<reply xmlns='urn:xmpp:reply:0' id='${pushed}'/>`, "alice@here.localhost");
    await people.hears(/<message(?=[^>]*from=['"]alice@here\.localhost['"])[^>]*><body>Posted /s);
    say(ALICE, "timeline 3");
    const timeline = await hears(ALICE, "1\\. alice");
    expect(timeline).toContain(`↳ ${pushed}`);
    expect(timeline).toContain("2. bob");
  });

  it("runs ad-hoc commands for linked JIDs, and for nobody else", async () => {
    let sent = 0;
    const COMMANDS = "http://jabber.org/protocol/commands";
    const ask = async (from: string, type: "get" | "set", child: string): Promise<string> => {
      const id = `command-${++sent}`;
      people.say(`<iq type='${type}' from='${from}/desk' to='here.localhost' id='${id}'>${child}</iq>`);
      return (await people.hears(new RegExp(`<iq[^>]*\\bid=['"]${id}['"](?:[^>]*/>|.*?</iq>)`, "s")))[0];
    };
    const run = (from: string, node: string, inner = "") =>
      ask(from, "set", `<command xmlns='${COMMANDS}' node='${node}' action='execute'>${inner}</command>`);
    const filled = (...lines: readonly string[]) =>
      `<x xmlns='jabber:x:data' type='submit'><field var='text'>${lines.map((line) => `<value>${line}</value>`).join("")}</field></x>`;
    const listed = `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`;
    const BOB = "bob@people.localhost";

    expect(await ask(BOB, "get", listed)).toContain("sterna:post");
    expect(await ask("eve@people.localhost", "get", listed)).not.toContain("sterna:post");
    expect(await run("eve@people.localhost", "sterna:post", filled("hello"))).toMatch(/<forbidden/);

    expect(await run(BOB, "sterna:post")).toMatch(/status=['"]executing['"].*text-multi/s);
    const posted = await run(BOB, "sterna:post", filled("help", "is what a form may say"));
    const [, iri = ""] = /status=['"]completed['"].*Posted ([^\s<]+)/s.exec(posted) ?? [];
    const page = await fetch(iri, { headers: { accept: "application/n-triples" } });
    expect(await page.text()).toContain("help\\nis what a form may say");
    expect(await run(BOB, "sterna:timeline", filled("3"))).toContain("is what a form may say");
    expect(await run(BOB, "sterna:search", filled("FORM"))).toContain("1. bob");
    expect(await run(BOB, "sterna:query", filled("ASK {", "?s ?p ?o }"))).toContain("Yes.");
    expect(await run(BOB, "sterna:query", filled("nonsense"))).toMatch(/<note type=['"]error/);
    expect(await run(BOB, "sterna:follow", filled(""))).toMatch(/<note type=['"]error/);
  });
});
