import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Jid } from "../../src/core/jid.ts";
import { updateAccount } from "../../src/hub/accounts/create-account.ts";
import { talk } from "../../src/hub/chat/talk.ts";
import type { LinkSwitch } from "../../src/xmpp/link-switch.ts";
import { MemoryXmpp } from "../hub/memory-network.ts";
import { type Loopback, openLoopback } from "./loopback.ts";

const ALICE = "alice@far.example";
let loopback: Loopback;
let xmpp: MemoryXmpp;

beforeAll(async () => {
  loopback = await openLoopback();
  const { ports } = loopback.sample.hub;
  await updateAccount(ports, { kind: "owner" }, "alice", { linkedJids: [ALICE] });
  xmpp = new MemoryXmpp("hub.example", new Map());
});
afterAll(() => loopback[Symbol.asyncDispose]());

const send = (path: string, body?: unknown, token?: string) =>
  loopback.ask(path, {
    method: "POST",
    ...(body === undefined ? {} : { type: "application/json", body: JSON.stringify(body) }),
    ...(token === undefined ? {} : { token }),
  });
const say = async (body: string) => {
  await talk(loopback.sample.hub.ports, { from: `${ALICE}/x` as Jid, to: "hub.example" as Jid, body });
};

describe("POST /api/logins", () => {
  it("says that there is no XMPP", async () => {
    const answer = await send("api/logins", { jid: ALICE });
    expect([answer.status, answer.json()]).toMatchObject([503, { code: "unavailable" }]);
    (loopback.sample.hub.ports.xmpp as LinkSwitch).use(xmpp);
  });

  it("asks without a token, waits for the person, and gives a token that is good, once", async () => {
    const begun = await send("api/logins", { jid: ALICE });
    expect(begun.status).toBe(202);
    const { login, transaction } = begun.json() as { login: string; transaction: string };
    expect(begun.headers["location"]).toMatch(new RegExp(`/api/logins/${login}$`));
    const waiting = send(`api/logins/${login}`);
    await say(`OK ${transaction}`);
    const ended = await waiting;
    expect([ended.status, ended.json()]).toMatchObject([201, { account: "alice" }]);
    expect(ended.headers["cache-control"]).toMatch(/no-store|private/);
    const token = String(ended.json()["token"]);
    expect((await loopback.ask("api/me", { token })).json()).toMatchObject({ name: "alice" });
    expect((await send(`api/logins/${login}`)).status).toBe(410);
  });

  it("answers 403 when the person says no", async () => {
    const { login, transaction } = (await send("api/logins", { jid: ALICE })).json();
    await say(`No ${String(transaction)}`);
    const ended = await send(`api/logins/${String(login)}`);
    expect([ended.status, ended.json()["detail"]]).toEqual([403, expect.stringContaining("refused")]);
  });

  it("answers 404 for what was never begun, 400 for what is no JID, and 429 in the end", async () => {
    expect((await send("api/logins/made-up")).status).toBe(404);
    expect((await send("api/logins", {})).status).toBe(400);
    expect((await send("api/logins", { jid: "far.example" })).status).toBe(400);
    expect((await send("api/logins", { jid: [ALICE] })).status).toBe(400);
    const statuses = [];
    for (let at = 0; at < 8; at++) statuses.push((await send("api/logins", { jid: "nobody@far.example" })).status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(5);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe("POST /api/accounts/{name}/links", () => {
  it("links the JID whose code comes back here", async () => {
    const { alice, bob } = loopback.sample.tokens;
    const jid = "alice@new.example";
    expect((await send("api/accounts/alice/links", { jid }, alice)).status).toBe(202);
    const code = /: ([0-9a-f]{10})\n/.exec(xmpp.said.at(-1)?.body ?? "")?.[1];
    expect((await send("api/accounts/alice/links", { jid, code }, bob)).status).toBe(403);
    expect((await send("api/accounts/alice/links", { jid, code: "0000000000" }, alice)).status).toBe(400);
    const linked = await send("api/accounts/alice/links", { jid, code }, alice);
    expect([linked.status, linked.json()]).toEqual([201, { jid }]);
    expect((await send("api/accounts/alice/links", { jid, code }, alice)).status).toBe(404);
  });
});
