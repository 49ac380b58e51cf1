import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BareJid } from "../../../src/core/jid.ts";
import { authenticate } from "../../../src/hub/accounts/authenticate.ts";
import { createAccount, issueToken, updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { ANONYMOUS, addAccount, irisOf, live, must, OWNER, openTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;

beforeEach(async () => {
  hub = await openTestHub();
});
afterEach(() => hub[Symbol.asyncDispose]());

const create = (name: string, wish: object = {}) => createAccount(hub.ports, OWNER, { name, ...wish });
const affiliation = (name: string, jid: string) =>
  hub.ports.records.reader.affiliation(`${name}@hub.example` as BareJid, MICROBLOG_NODE, jid as BareJid);

describe("a new account", () => {
  it("has a profile, a PubsubNode that it owns, and a token", async () => {
    const { account, iri, token } = must(
      await create("alice", { displayName: "Alice", bio: "Birds.", language: "EN" }),
    );
    expect(account).toMatchObject({ name: "alice", jid: "alice@hub.example", displayName: "Alice", language: "en" });
    const holder = { kind: "account", account, iri } as const;
    const profile = live(hub, irisOf(hub, holder).profile).document;
    expect(profile).toMatchObject({ kind: "profile", origin: { kind: "own" }, author: iri });
    expect(profile.quads.find((q) => q.predicate.equals(foaf.name))?.object.value).toBe("Alice");
    expect(hub.ports.records.reader.node(account.jid, MICROBLOG_NODE)?.config).toMatchObject({ accessModel: "open" });
    expect(affiliation("alice", account.jid)).toBe("owner");
    expect(authenticate(hub.ports, token)).toEqual(holder);
  });

  it.each([
    ["Alice", "alice"],
    ["ÉMILIE", "émilie"],
    ["ａｂ", "ab"],
    ["李四", "李四"],
    ["a_b-1", "a_b-1"],
  ])("may be called %s, which is %s", async (wanted, name) => {
    expect(await create(wanted)).toMatchObject({ account: { name, jid: `${name}@hub.example` } });
  });

  it.each(["", " ", "a b", "a/b", "a@b", "-a", ".well-known", "a.b", "a#b", "a\u0000b", "x".repeat(65), "👍"])(
    "may not be called %j",
    async (name) => {
      expect(await create(name)).toMatchObject({ code: "invalid" });
      expect(hub.ports.records.reader.accounts()).toEqual([]);
    },
  );

  it.each(["api", "sparql", "Tags", "health"])("may not be called %s, which the hub itself uses", async (name) => {
    expect(await create(name)).toMatchObject({ code: "conflict" });
  });

  it("may not have a name that another one has, in whatever case", async () => {
    const first = must(await create("alice", { displayName: "First" }));
    expect(await create("ALICE", { displayName: "Second" })).toMatchObject({ code: "conflict" });
    expect(hub.ports.records.reader.account(first.account.name)?.displayName).toBe("First");
  });

  it("may not have a name that looks like another one, by letters of several scripts", async () => {
    const said = await create("p\u0430ypal");
    expect(said).toMatchObject({ kind: "refusal", code: "invalid", message: expect.stringContaining("one script") });
    expect(must(await create("\u0430\u043B\u0438\u0441\u0430")).account.jid).toBe(
      "\u0430\u043B\u0438\u0441\u0430@hub.example",
    );
    // Alike as a whole, and still two.
    const [latin, cyrillic] = [must(await create("cop")), must(await create("\u0441\u043E\u0440"))];
    expect(latin.account.jid).not.toBe(cyrillic.account.jid);
    expect(hub.ports.records.reader.account(latin.account.name)?.jid).toBe("cop@hub.example");
  });

  it("gets its name once when two ask for it at the same time", async () => {
    const outcomes = await Promise.all([create("alice"), create("alice")]);
    expect(outcomes.filter((outcome) => "token" in outcome)).toHaveLength(1);
  });

  it.each([
    ["a JID that is none", { linkedJids: ["a b@x"] }, "invalid"],
    ["a JID with a resource", { linkedJids: ["a@b.example/c"] }, "invalid"],
    ["too many JIDs", { linkedJids: Array.from({ length: 21 }, (_, n) => `a${n}@b.example`) }, "too-large"],
    ["a language that is none", { language: "English!" }, "invalid"],
    ["a homepage that is a script", { homepage: "javascript:alert(1)" }, "invalid"],
    ["an image that is no IRI", { image: "not an iri" }, "invalid"],
    ["too long a name", { displayName: "x".repeat(101) }, "too-large"],
    ["a name that no feed can carry", { displayName: "A\u0007lice" }, "invalid"],
    ["a bio that no feed can carry", { bio: "Birds.\ud800" }, "invalid"],
    ["too long a bio", { bio: "x".repeat(2_001) }, "too-large"],
  ])("is refused with %s", async (_, wish, code) => {
    expect(await create("alice", wish)).toMatchObject({ code });
    expect(hub.ports.records.reader.accounts()).toEqual([]);
  });

  it("is made by the owner alone", async () => {
    const alice = await addAccount(hub, "alice");
    expect(await createAccount(hub.ports, alice, { name: "bob" })).toMatchObject({ code: "forbidden" });
    expect(await createAccount(hub.ports, ANONYMOUS, { name: "bob" })).toMatchObject({ code: "unauthenticated" });
  });
});

describe("linked JIDs", () => {
  it("may publish, until they are no longer linked", async () => {
    must(await create("alice", { linkedJids: ["Alice@Jabber.example", "al@b.example"] }));
    expect([affiliation("alice", "alice@jabber.example"), affiliation("alice", "al@b.example")]).toEqual([
      "publisher",
      "publisher",
    ]);
    must(await updateAccount(hub.ports, OWNER, "alice", { linkedJids: ["al@b.example", "new@c.example"] }));
    expect(["alice@jabber.example", "al@b.example", "new@c.example"].map((jid) => affiliation("alice", jid))).toEqual([
      "none",
      "publisher",
      "publisher",
    ]);
  });

  it("stay as they are when something else is changed", async () => {
    must(await create("alice", { linkedJids: ["al@b.example"] }));
    must(await updateAccount(hub.ports, OWNER, "alice", { bio: "Birds." }));
    expect(affiliation("alice", "al@b.example")).toBe("publisher");
  });

  it("leave the account the owner of its node when it links its own JID, and no longer does", async () => {
    must(await create("alice", { linkedJids: ["alice@hub.example"] }));
    expect(affiliation("alice", "alice@hub.example")).toBe("owner");
    must(await updateAccount(hub.ports, OWNER, "alice", { linkedJids: [] }));
    expect(affiliation("alice", "alice@hub.example")).toBe("owner");
  });

  it("leave it the owner again where an older version had made it less", async () => {
    const { account } = must(await create("alice"));
    const damaged = { ...account, linkedJids: [account.jid] };
    const at = { service: account.jid, node: MICROBLOG_NODE, jid: account.jid };
    await hub.ports.records.transact(() => ({
      changes: [
        { kind: "account-put", account: damaged },
        { kind: "affiliation-put", ...at, affiliation: "publisher" },
      ],
      result: undefined,
    }));
    expect(must(await updateAccount(hub.ports, OWNER, "alice", { bio: "Birds." })).linkedJids).toEqual([]);
    expect(affiliation("alice", account.jid)).toBe("owner");
  });
});

describe("changing an account", () => {
  it("is for the account itself and the owner", async () => {
    const alice = await addAccount(hub, "alice");
    const bob = await addAccount(hub, "bob");
    expect(await updateAccount(hub.ports, alice, "alice", { displayName: "A" })).toMatchObject({ displayName: "A" });
    expect(await updateAccount(hub.ports, OWNER, "alice", { bio: "B" })).toMatchObject({ displayName: "A", bio: "B" });
    expect(await updateAccount(hub.ports, bob, "alice", { bio: "C" })).toMatchObject({ code: "forbidden" });
    expect(await updateAccount(hub.ports, OWNER, "carol", {})).toMatchObject({ code: "not-found" });
  });

  it("keeps a name on one line, and the lines of a bio", async () => {
    const alice = await addAccount(hub, "alice");
    const wish = { displayName: " Alice\n Liddell", bio: "Birds.\r\nLakes." };
    expect(must(await updateAccount(hub.ports, alice, "alice", wish))).toMatchObject({
      displayName: "Alice Liddell",
      bio: "Birds.\nLakes.",
    });
  });

  it("takes a field away with an empty text", async () => {
    const alice = await addAccount(hub, "alice", { bio: "B", homepage: "https://a.example/", displayName: "A" });
    const changed = must(await updateAccount(hub.ports, alice, "alice", { bio: "", homepage: "", displayName: "" }));
    expect(changed).not.toHaveProperty("bio");
    expect(changed).not.toHaveProperty("homepage");
    expect(changed.displayName).toBe("alice");
  });
});

describe("tokens", () => {
  it("are known by their hash only, and each acts for its holder", async () => {
    const alice = await addAccount(hub, "alice");
    const token = must(await issueToken(hub.ports, alice, { kind: "account", name: "alice" }, "phone"));
    expect(hub.ports.records.reader.token(token)).toBeUndefined();
    expect(authenticate(hub.ports, token)).toMatchObject({ kind: "account", iri: alice.iri });
    const owners = must(await issueToken(hub.ports, OWNER, { kind: "owner" }, "laptop"));
    expect(authenticate(hub.ports, owners)).toEqual({ kind: "owner" });
    expect(authenticate(hub.ports, undefined)).toEqual({ kind: "anonymous" });
    expect(authenticate(hub.ports, `${token}x`)).toMatchObject({ code: "unauthenticated" });
  });

  it("are not made for others", async () => {
    const alice = await addAccount(hub, "alice");
    await addAccount(hub, "bob");
    for (const holder of [{ kind: "account", name: "bob" }, { kind: "owner" }] as const) {
      expect(await issueToken(hub.ports, alice, holder, "x")).toMatchObject({ code: "forbidden" });
    }
    expect(await issueToken(hub.ports, OWNER, { kind: "account", name: "carol" }, "x")).toMatchObject({
      code: "not-found",
    });
  });
});
