import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { authenticate } from "../../../src/hub/accounts/authenticate.ts";
import { adHocItems } from "../../../src/hub/chat/ad-hoc.ts";
import type { CommandForm } from "../../../src/hub/chat/command-form.ts";
import { type AdHocReply, runStep, type StagedCommand } from "../../../src/hub/chat/run-command.ts";
import type { PubsubError } from "../../../src/pubsub/reply.ts";
import { decodeCommand } from "../../../src/xmpp/decode/decode-command.ts";
import { adHocToXml } from "../../../src/xmpp/encode/encode-command.ts";
import { errorToXml } from "../../../src/xmpp/encode/stanza-error.ts";
import { example, parse, shapeOf } from "../../pubsub/example-service.ts";
import { ask } from "../ask-hub.ts";
import { addAccount, must, openTestHub, type TestHub } from "../test-hub.ts";

const COMMANDS = "http://jabber.org/protocol/commands";
const ADD = "http://jabber.org/protocol/admin#add-user";
const LIST = "http://jabber.org/protocol/admin#get-registered-users-list";
const OWNER = "anna@far.example/desk";
let hub: TestHub;

beforeEach(async () => {
  hub = await openTestHub({ options: { ownerJids: ["anna@far.example" as BareJid] } });
  await addAccount(hub, "bob", { linkedJids: ["bob@far.example"] });
});
afterEach(() => hub[Symbol.asyncDispose]());

const filled = (fields: Readonly<Record<string, string | readonly string[]>>, type = "submit"): string => {
  const rows = Object.entries(fields).map(([name, value]) => {
    const values = [value].flat().map((each) => `<value>${each}</value>`);
    return `<field var='${name}'>${values.join("")}</field>`;
  });
  return `<x xmlns='jabber:x:data' type='${type}'>${rows.join("")}</x>`;
};

interface Wish {
  readonly from?: string;
  readonly to?: string;
  readonly action?: string;
  readonly session?: string | undefined;
}

/** One step, as it stands on the wire. */
async function step(node: string, inner = "", { from = OWNER, to = "hub.example", action, session }: Wish = {}) {
  const more = `${action === undefined ? "" : ` action='${action}'`}${session === undefined ? "" : ` sessionid='${session}'`}`;
  const command = `<command xmlns='${COMMANDS}' node='${node}'${more}>${inner}</command>`;
  const answer = await ask(hub, `<iq type='set' id='c' from='${from}' to='${to}'>${command}</iq>`);
  const { status, sessionid } = answer.getChild("command")?.attrs ?? {};
  return { xml: answer.toString(), status, session: sessionid, error: answer.getChild("error")?.toString() ?? "" };
}

describe("the owner's commands", () => {
  it("make an account in two stages, whose token is shown once and logs in", async () => {
    const first = await step(ADD, "", { action: "execute" });
    expect(first.xml).toMatch(/<actions execute="next"><next\/><complete\/>.*accountjid.*<required\/>/);
    const second = await step(ADD, filled({ accountjid: "Carol@hub.example" }), { session: first.session });
    expect(second.xml).toMatch(/<actions execute="complete"><prev\/><complete\/>.*displayname/);
    const fields = { displayname: "Carol C.", linkedjids: ["carol@far.example", "c@near.example"] };
    const third = await step(ADD, filled(fields), { session: first.session, action: "complete" });
    expect(third).toMatchObject({ status: "completed", session: first.session });
    const token = /<field var="token"[^>]*><value>([^<]+)/.exec(third.xml)?.[1];
    expect(must(authenticate(hub.ports, token))).toMatchObject({
      kind: "account",
      account: { name: "carol", displayName: "Carol C.", linkedJids: ["carol@far.example", "c@near.example"] },
    });
    const again = await step(ADD, filled(fields), { session: first.session, action: "complete" });
    expect(again.error).toMatch(/not-allowed.*session-expired/);
  });

  it("go back, keep what was filled in, and may be completed early or cancelled", async () => {
    const { session } = await step(ADD);
    await step(ADD, filled({ accountjid: "carol" }), { session });
    const back = await step(ADD, "", { session, action: "prev" });
    expect(back.xml).toMatch(/accountjid.*<value>carol<\/value>/);
    expect((await step(ADD, "", { session, action: "prev" })).error).toContain("bad-action");
    expect((await step(ADD, "", { session, action: "cancel" })).status).toBe("canceled");
    expect((await step(ADD, filled({ accountjid: "carol" }), { session })).error).toContain("session-expired");

    const early = await step(ADD);
    const done = await step(ADD, filled({ accountjid: "dave" }), { session: early.session, action: "complete" });
    expect(done.xml).toContain("dave@hub.example");
    expect(hub.ports.records.reader.accounts().map(({ name }) => name)).toEqual(["bob", "dave"]);
  });

  it.each([
    [{ accountjid: "bob" }, "already an account"],
    [{ accountjid: "carol@elsewhere.example" }, "Expected an account name"],
    [{ accountjid: "" }, "is empty"],
    [{ accountjid: ["carol", "dave"] }, "Expected one value"],
    [{ accountjid: "x".repeat(5_000) }, "at most 2000"],
    [{ accountjid: "api" }, "used by the hub itself"],
    [{ FORM_TYPE: "urn:of:another", accountjid: "carol" }, "Expected the form"],
  ])("say what is wrong with %j beside the same form", async (fields, words) => {
    const { session } = await step(ADD);
    const answer = await step(ADD, filled(fields), { session });
    expect(answer.status).toBe("executing");
    expect(answer.xml).toMatch(new RegExp(`<note type="error">[^<]*${words}.*accountjid`));
    expect((await step(ADD, filled({ accountjid: "carol" }), { session })).xml).toContain("displayname");
  });

  it("tell the status, and list and count accounts", async () => {
    await addAccount(hub, "carol");
    expect((await step("sterna:status")).xml).toMatch(/status="completed".*var="accounts"[^>]*><value>2</);
    expect((await step("http://jabber.org/protocol/admin#get-registered-users-num")).xml).toContain("<value>2</value>");
    const all = await step(LIST, filled({ max_items: "none" }));
    expect(all.xml).toMatch(/registereduserjids.*bob@hub\.example.*carol@hub\.example/);
    const { session } = await step(LIST);
    expect((await step(LIST, filled({ max_items: "7" }), { session })).xml).toContain("one of 25, 50");
  });

  it("are listed for the owner at the hub's domain, and forbidden to everybody else and everywhere else", async () => {
    const listed = (jid: string, actor: string) =>
      adHocItems(hub.ports, jid as BareJid, actor as Jid).map(({ node }) => node);
    expect(listed("hub.example", OWNER)).toContain(ADD);
    expect(listed("bob@hub.example", OWNER)).toEqual([]);
    expect(listed("hub.example", "bob@far.example/x")).not.toContain(ADD);
    expect(listed("hub.example", "eve@far.example/x")).toEqual([]);
    const lookalike = "\u0430nna@far.example/desk";
    for (const from of ["bob@far.example/x", "eve@far.example/x", "anna@far.example.evil/desk", lookalike]) {
      for (const node of [ADD, LIST, "sterna:status"]) {
        expect((await step(node, filled({ accountjid: "mallory" }), { from })).error).toContain("<forbidden");
      }
    }
    expect((await step(ADD, "", { to: "bob@hub.example" })).error).toContain("<forbidden");
    expect((await step("sterna:post")).error).toContain("<forbidden");
    expect(hub.ports.records.reader.accounts()).toHaveLength(1);
  });
});

describe("sessions of commands", () => {
  it("are the client's own, for the command and place that they began with", async () => {
    const { session } = await step(ADD);
    const other = { session, from: "anna@far.example/phone" };
    expect((await step(ADD, filled({ accountjid: "carol" }), other)).error).toContain("bad-sessionid");
    expect((await step(LIST, filled({ max_items: "25" }), { session })).error).toContain("bad-sessionid");
    expect((await step(ADD, filled({ accountjid: "carol" }), { session: "made-up" })).error).toContain("bad-sessionid");
    expect((await step(ADD, "", { session: "s".repeat(5_000) })).error).toContain("bad-sessionid");
  });

  it("end after ten minutes without a step, and when one client begins too many", async () => {
    const { session } = await step(ADD);
    hub.clock.advance(9 * 60_000);
    await step(ADD, filled({ accountjid: "carol" }), { session });
    hub.clock.advance(9 * 60_000);
    expect((await step(ADD, "", { session, action: "prev" })).status).toBe("executing");
    hub.clock.advance(11 * 60_000);
    expect((await step(ADD, "", { session, action: "prev" })).error).toContain("session-expired");

    const [oldest] = await Promise.all(Array.from({ length: 6 }, () => step(ADD)));
    expect((await step(ADD, filled({ accountjid: "carol" }), { session: oldest?.session })).error).toContain("expired");
  });

  it.each([
    ["an action that there is not", { action: "explode" }, "", "malformed-action"],
    ["going on with nothing", { action: "next" }, "", "bad-action"],
    ["a form that is none", {}, filled({ accountjid: "carol" }, "form"), "bad-payload"],
    ["a result in the place of a form", {}, filled({ accountjid: "carol" }, "result"), "bad-payload"],
  ])("refuse %s (XEP-0050 §4.4)", async (_, wish, inner, condition) => {
    expect((await step(ADD, inner, wish)).error).toMatch(new RegExp(`bad-request.*<${condition}`));
    expect(hub.ports.records.reader.accounts()).toHaveLength(1);
  });

  it("go on with nothing where a form is wanted", async () => {
    const { session } = await step(ADD);
    expect((await step(ADD, "", { session })).error).toContain("bad-payload");
    expect((await step(ADD, "", { session, action: "next" })).error).toContain("bad-payload");
  });

  it("stop a flood", async () => {
    const answers = [];
    for (let at = 0; at < 40; at++) answers.push(await step("sterna:status"));
    expect(answers.filter(({ status }) => status === "completed")).toHaveLength(30);
    expect(answers.at(-1)?.error).toContain("resource-constraint");
  });
});

/** The service to configure of XEP-0050 §2.4, as a command here. */
const CONFIG: StagedCommand = {
  node: "config",
  name: "Configure Service",
  stages: [
    { form: () => ({ ...titled, fields: [list("service", ["httpd", "jabberd", "postgresql"])] }) },
    { form: () => ({ ...titled, fields: [list("runlevel", ["1", "2", "3", "5"]), list("state", ["off", "on"])] }) },
  ],
  run: async () => ({ text: "Service 'httpd' has been configured." }),
};
const titled = { formType: "config", title: "Configure Service", instructions: "Please select." };
const list = (name: string, options: readonly string[]): CommandForm["fields"][number] => ({
  name,
  type: name === "runlevel" ? "text-multi" : "list-single",
  options,
  values: [],
});

describe("XEP-0050 §2.4: a command of several stages, request and answer", () => {
  const begin = "0050 execute-multiple: Execute command";
  /** Whether it is the same command, but for names that each side chooses and what a form asks for. */
  const shape = (command: XmlElement | undefined) => {
    const shown = (command?.getChildElements() ?? []).filter(
      (child) => child.getName() !== "x" || command !== undefined,
    );
    const { node, status } = command?.attrs ?? {};
    const actions = shown.filter((child) => child.getName() === "actions").map((child) => shapeOf(child));
    const fields = command?.getChild("x")?.getChildren("field") ?? [];
    const notes = shown.filter((child) => child.getName() === "note").map(({ attrs }) => attrs["type"]);
    const names = fields.map(({ attrs }) => attrs["var"]).filter((name) => name !== "FORM_TYPE");
    return { node, status, actions, notes, names };
  };

  it.each([
    ["goes on", ["(stage 1)", "(stage 2)", "(stage 3)"]],
    ["goes back", ["(stage 1)", "(stage 2)", "(revert from stage 2 to stage 1)"]],
  ])("%s as its examples do", async (_, stages) => {
    let session: string | undefined;
    for (const stage of stages) {
      const request = parse(example(`${begin} request ${stage}`)).getChild("command");
      if (request === undefined) throw new Error(stage);
      if (session !== undefined) request.attrs["sessionid"] = session;
      const reply = await stepped(request);
      if (reply.kind === "error") throw new Error(errorToXml(reply));
      session = reply.session;
      const ours = parse(adHocToXml("config", reply));
      expect(shape(ours)).toEqual(shape(parse(example(`${begin} result ${stage}`)).getChild("command")));
    }
  });

  it("is cancelled as its example is (§2.5)", async () => {
    const reply = await stepped(parse(`<command xmlns='${COMMANDS}' node='config'/>`));
    const session = reply.kind === "error" ? "" : reply.session;
    const request = parse(example("0050 cancel: Execute command request")).getChild("command");
    if (request === undefined) throw new Error("no example");
    request.attrs["sessionid"] = session;
    const answer = await stepped(request);
    if (answer.kind === "error") throw new Error(errorToXml(answer));
    const wanted = parse(example("0050 cancel: Execute command result")).getChild("command");
    expect(shape(parse(adHocToXml("config", answer)))).toEqual(shape(wanted));
  });

  /** A step of the example's command, decoded as any of ours. */
  async function stepped(command: XmlElement): Promise<AdHocReply | PubsubError> {
    command.attrs["node"] = "sterna:post";
    const [from, to] = ["requester@domain/x" as Jid, "responder@domain" as Jid];
    const incoming = decodeCommand(command, { from, to }, { now: hub.clock.now(), newItemId: hub.ports.newItemId });
    if (incoming.kind !== "ad-hoc") throw new Error(incoming.kind);
    return await runStep(hub.ports, CONFIG, incoming.step, from, to as BareJid);
  }
});
