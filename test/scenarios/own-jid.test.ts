import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestXmppServer, XMPP_SERVERS } from "../support/xmpp-server.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { SlixmppClient } from "./slixmpp-client.ts";
import { Commands } from "./sterna-command.ts";

const HUB = "here.localhost";
const SECRET = "tern";
const MICROBLOG = "urn:xmpp:microblog:0";
const ADD = "http://jabber.org/protocol/admin#add-user";
/** The hub's owner, and somebody with an account, each with a JID of their own. */
const ANNA = { jid: "anna@people.localhost", password: "sea" };
const CAROL = { jid: "carol@people.localhost", password: "sky" };

for (const server of XMPP_SERVERS) {
  await describeNeeding([server, "slixmpp"], `what people do from a JID of their own, on ${server}`, () => {
    const stack = new AsyncDisposableStack();
    let hub: HubProcess;
    let alice: TestAccount;
    let anna: SlixmppClient;
    let carol: SlixmppClient;
    let commands: Commands;

    beforeAll(async () => {
      const components = [{ domain: HUB, secret: SECRET }];
      const xmpp = stack.use(await startTestXmppServer(server, { components, accounts: [ANNA, CAROL] }));
      hub = stack.use(
        await HubProcess.start({
          xmpp: { service: xmpp.serviceOf(HUB), domain: HUB, secret: SECRET },
          env: { STERNA_OWNER_JID: ANNA.jid },
        }),
      );
      commands = stack.use(await Commands.open());
      alice = await hub.account("alice", { linkedJids: [CAROL.jid] });
      anna = stack.use(await SlixmppClient.open(xmpp.c2sPort, ANNA.jid, ANNA.password));
      carol = stack.use(await SlixmppClient.open(xmpp.c2sPort, CAROL.jid, CAROL.password));
    });
    afterAll(async () => {
      await stack.disposeAsync();
    });

    const me = async (token: string): Promise<unknown> => {
      const answer = await fetch(`${hub.base}api/me`, { headers: { authorization: `Bearer ${token}` } });
      return await answer.json();
    };
    const sterna = (...args: readonly string[]) => commands.run([...args, "--url", hub.base]);

    /** Hears a post of Carol's own microblog; one that came before it, as the last of the node, is passed over. */
    const hearsPost = async (title: string) => {
      for (;;) {
        const heard = await anna.hears({ event: "published", by: CAROL.jid });
        if ((heard["text"] as { readonly title?: string }).title === title) return heard;
      }
    };

    it("the owner makes an account in two steps, whose token logs in; others may not and see nothing of it", async () => {
      expect((await anna.ask("commands", { to: HUB }))["done"]).toContain(ADD);
      expect((await carol.ask("commands", { to: HUB }))["done"]).not.toContain(ADD);
      const stages = [
        ["next", { accountjid: `dora@${HUB}` }],
        ["complete", { displayname: "Dora D.", linkedjids: "" }],
      ];
      const made = await anna.ask("stages", { to: HUB, command: ADD, stages });
      const { values } = made["done"] as { readonly values: Readonly<Record<string, string>> };
      expect(made["done"]).toMatchObject({ status: "completed" });
      expect(await me(values["token"] ?? "")).toMatchObject({ kind: "account", name: "dora" });
      expect(await carol.ask("stages", { to: HUB, command: ADD, stages })).toMatchObject({
        no: { condition: "forbidden" },
      });
      const shown = await anna.ask("stages", { to: HUB, command: "sterna:status", stages: [] });
      expect(shown["done"]).toMatchObject({ status: "completed", values: { accounts: "2", xmpp: "online" } });
    });

    it("a person logs in by confirming the transaction that the command shows, and is not by saying no", async () => {
      const waiting = sterna("login", "--jid", CAROL.jid);
      const asked = await carol.hears({ event: "confirmation", kind: "message", by: HUB });
      await carol.ask("confirm", { item: asked["item"], yes: true });
      const ended = await waiting;
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("alice") });
      expect(ended.stderr).toContain(String(asked["item"]));
      expect(await commands.done("account", "list")).toContain("alice");

      const { done: full } = await carol.ask("jid", {});
      const refused = sterna("login", "--jid", String(full));
      const again = await carol.hears({ event: "confirmation", kind: "iq", by: HUB });
      await carol.ask("confirm", { item: again["item"], yes: false });
      expect(await refused).toMatchObject({ code: 1, stderr: expect.stringContaining("refused") });
    });

    it("posts stand in the person's own microblog, once the account may publish there", async () => {
      const own = { to: CAROL.jid, node: MICROBLOG };
      const token = ["--token", alice.token] as const;
      expect(await sterna("account", "set", "--also-at", CAROL.jid, ...token)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("publisher"),
      });
      const first = `<entry xmlns='http://www.w3.org/2005/Atom'><title>By myself</title><id>first</id><updated>${new Date().toISOString()}</updated></entry>`;
      expect(
        await carol.ask("publish", {
          ...own,
          payload: first,
          item: "by-myself",
          options: { "pubsub#access_model": "open" },
        }),
      ).toMatchObject({ done: "by-myself" });
      expect(await sterna("account", "set", "--also-at", CAROL.jid, ...token)).toMatchObject({ code: 1 });
      expect(await carol.ask("affiliate", { ...own, who: alice.jid, affiliation: "publisher" })).toEqual({
        done: null,
      });
      expect(await sterna("account", "set", "--also-at", CAROL.jid, ...token)).toMatchObject({ code: 0, stderr: "" });
      expect(await anna.ask("subscribe", own)).toMatchObject({ done: { state: "subscribed" } });

      expect(await sterna("post", "A tern!", ...token)).toMatchObject({ code: 0 });
      const { item, node, publisher } = await hearsPost("A tern!");
      expect(node).toBe(MICROBLOG);
      // Prosody says in pushes who published. ejabberd says it where the node is configured so, as by Movim.
      expect(publisher).toBe(server === "prosody" ? alice.jid : "");
      const payloads = (await carol.ask("payloads", own))["done"] as Record<string, string>;
      expect(payloads[String(item)]).toContain(`xmpp:${CAROL.jid}<`);
      expect(payloads[String(item)]).toContain(`xmpp:${alice.jid}?;node=${MICROBLOG}:comments/${String(item)}`);

      const iri = `${hub.base}alice/posts/${String(item)}`;
      expect(await sterna("edit", iri, "Two terns!", ...token)).toMatchObject({ code: 0 });
      expect(await hearsPost("Two terns!")).toMatchObject({ item });
      if (server === "ejabberd") {
        expect(await carol.ask("configure", { ...own, config: { "pubsub#itemreply": "publisher" } })).toEqual({
          done: null,
        });
        expect(await sterna("edit", iri, "Three terns!", ...token)).toMatchObject({ code: 0 });
        expect(await hearsPost("Three terns!")).toMatchObject({ item, publisher: alice.jid });
      }
      expect(await sterna("delete", iri, ...token)).toMatchObject({ code: 0 });
      expect(await anna.hears({ event: "retracted", by: CAROL.jid })).toMatchObject({ item });
      // COMPAT: Prosody keeps one item of a node unless told otherwise, so what was there before may be gone.
      const left = (await carol.ask("payloads", own))["done"] as Readonly<Record<string, string>>;
      expect(Object.keys(left)).not.toContain(item);

      // What its owner takes out there by themselves keeps nothing that comes later from going there.
      expect(await sterna("post", "Taken out by its owner", ...token)).toMatchObject({ code: 0 });
      const { item: taken } = await hearsPost("Taken out by its owner");
      expect(await carol.ask("retract", { ...own, item: taken })).toEqual({ done: null });
      expect(await sterna("delete", `${hub.base}alice/posts/${String(taken)}`, ...token)).toMatchObject({ code: 0 });
      expect(await sterna("post", "The next one", ...token)).toMatchObject({ code: 0 });
      await hearsPost("The next one");
    });
  });
}
