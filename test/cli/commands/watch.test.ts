import { expect, it } from "vitest";
import { cli, eachWithHub, hub } from "./with-hub.ts";

const WATCH = {
  name: "birds",
  iri: "http://hub.example/alice/watches/birds",
  service: "hub.example",
  node: "watch/alice/birds",
  answers: 3,
};

eachWithHub();

it("adds a watch of the hub's own and says where its answers are", async () => {
  hub.json("POST /alice/watches", WATCH, 201);
  const { out, exitCode } = await cli.run(["watch", "add", "birds", "--of", "topic", "--about", "#birds", "--public"]);
  expect(exitCode).toBe(0);
  expect(out).toBe(
    "Watching birds http://hub.example/alice/watches/birds xmpp:hub.example?;node=watch/alice/birds (3 answers)\n",
  );
  const sent = hub.seen.find(({ method }) => method === "POST");
  expect(JSON.parse(String(sent?.body))).toEqual({ name: "birds", of: "topic", about: "#birds", audience: "public" });
});

it("lists watches with why one was stopped", async () => {
  hub.json("GET /alice/watches", { watches: [WATCH, { ...WATCH, name: "all", problem: "too much\u001b[31m" }] });
  const { out } = await cli.run(["watch", "list"]);
  expect(out).toContain("(3 answers)");
  expect(out).toContain("(stopped: too much");
  expect(out).not.toContain("\u001b");
});

it("wants a query or one of the hub's own, and not both", async () => {
  expect(await cli.run(["watch", "add", "x"])).toMatchObject({ exitCode: 2 });
  expect(await cli.run(["watch", "add", "x", "--of", "home", "--query", "ASK {}"])).toMatchObject({ exitCode: 2 });
});

it("removes watches by name", async () => {
  hub.json("DELETE /alice/watches/birds", { name: "birds" });
  expect((await cli.run(["watch", "remove", "birds"])).out).toBe("Not watching birds any more.\n");
});

it("tells an address of the answers, and shows the secret once", async () => {
  const hook = { id: "h1", url: "https://bot.example/x", queued: 0, dropped: 0, secret: "whsec_abc" };
  hub.json("POST /alice/watches/birds/hooks", hook, 201);
  const { out } = await cli.run(["watch", "hook", "birds", "https://bot.example/x"]);
  expect(out).toBe("Answers of birds go to https://bot.example/x.\nSecret, shown only now: whsec_abc\n");
  const given = await cli.run(["watch", "hook", "birds", "https://bot.example/x", "--secret", "whsec_abc"]);
  expect(given.out).not.toContain("whsec_abc");
  const sent = hub.seen.filter(({ method }) => method === "POST").map(({ body }): unknown => JSON.parse(String(body)));
  expect(sent).toEqual([{ url: "https://bot.example/x" }, { url: "https://bot.example/x", secret: "whsec_abc" }]);
});

it("lists how webhooks are", async () => {
  const at = { id: "h", url: "https://bot.example/x", queued: 3, dropped: 2 };
  const failing = { failingSince: "2026-06-01T12:00:00.000Z", last: { outcome: "No\u001b[31m." }, nextAttempt: "soon" };
  const hooks = [at, { ...at, ...failing }, { ...at, needsSecret: true }];
  hub.json("GET /alice/watches", { watches: [{ ...WATCH, hooks }] });
  const { out } = await cli.run(["watch", "list"]);
  expect(out.split("\n").slice(1)).toEqual([
    "  → https://bot.example/x (3 waiting, 2 given up)",
    expect.stringMatching(
      /^ {2}→ .*failing since 2026-06-01T12:00:00.000Z: No.*3 waiting, 2 given up, again at soon\)$/,
    ),
    expect.stringMatching(/needs a secret/),
    "",
  ]);
  expect(out).not.toContain("\u001b");
});

it("ends a webhook by its address", async () => {
  hub.json("DELETE /alice/watches/birds/hooks", {
    id: "h",
    url: "https://bot.example/x",
  });
  expect((await cli.run(["watch", "unhook", "birds", "https://bot.example/x"])).out).toBe(
    "Answers of birds do not go to https://bot.example/x any more.\n",
  );
  expect(hub.seen.at(-1)?.path).toBe("/alice/watches/birds/hooks?hook=https%3A%2F%2Fbot.example%2Fx");
});

it("lets a watch go on and says why it had stopped, or changes what it asks", async () => {
  hub.json("PATCH /alice/watches/birds", { ...WATCH, hadStopped: "too many answers" });
  const { out } = await cli.run(["watch", "start", "birds"]);
  expect(out).toMatch(/^Watching birds .*\nIt had stopped: too many answers\n$/);
  await cli.run(["watch", "change", "birds", "--of", "topic", "--about", "#terns"]);
  expect(await cli.run(["watch", "change", "birds"])).toMatchObject({ exitCode: 2 });
  const sent = hub.seen.filter(({ method }) => method === "PATCH").map(({ body }): unknown => JSON.parse(String(body)));
  expect(sent).toEqual([{}, { of: "topic", about: "#terns" }]);
});

it("shows a watch with its newest answers, posts as posts and rows as rows", async () => {
  const post = {
    iri: "http://x.example/p",
    text: "Terns\u001b[31m!",
    creatorName: "Bob",
    created: "2026-11-21T05:00:00Z",
  };
  const newest = [
    { item: "1", values: { post: post.iri }, post },
    { item: "2", values: { label: '"a\u001b[2J"@en' } },
    7,
  ];
  hub.json("GET /alice/watches/birds", { ...WATCH, meaning: "Posts on #birds.", newest });
  const { out, exitCode } = await cli.run(["watch", "show", "birds"]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(
    /^birds http.*\nPosts on #birds\.\n\nBob · 1 h\n {2}Terns␛\[31m!\n {2}http.*\n\n {2}label "a␛\[2J"@en\n/,
  );
  expect(out).not.toContain("\u001b");
  expect(JSON.parse((await cli.run(["watch", "show", "birds", "--json"])).out)).toMatchObject({ newest });
});

it("says when nothing fits yet, and why a watch is not shown", async () => {
  hub.json("GET /alice/watches/birds", { ...WATCH, answers: 0, newest: [] });
  expect(await cli.run(["watch", "show", "birds"])).toMatchObject({ exitCode: 0, err: "Nothing fits yet.\n" });
  const missing = await cli.run(["watch", "show", "cats"]);
  expect([missing.exitCode, missing.err]).toEqual([1, expect.stringContaining("There is nothing at")]);
});
