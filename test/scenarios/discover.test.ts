import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../support/free-port.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { Commands } from "./sterna-command.ts";

/** Three hubs over HTTP alone: `ann` of the first follows `ben` of the second, who follows people of the third. */
describe("discovering whom to follow among three hubs", () => {
  const hubs: HubProcess[] = [];
  let commands: Commands;
  let [ann, ben, cleo, dan]: TestAccount[] = [];

  beforeAll(async () => {
    const ports = await freePorts(3);
    hubs.push(...(await Promise.all(ports.map((port) => HubProcess.start({ port })))));
    const [first, second, third] = hubs;
    ann = await first?.account("ann");
    ben = await second?.account("ben", { displayName: "Ben" });
    cleo = await third?.account("cleo", { displayName: "Cleo" });
    dan = await third?.account("dan", { displayName: "Dan" });
    await cleo?.post("The #terns are back, and so is the #cake");
    await ann?.post("I count #terns");
    await ben?.follow(cleo?.iri ?? "");
    await ben?.follow(dan?.iri ?? "");
    await cleo?.follow(ann?.iri ?? "");
    await ann?.follow(ben?.iri ?? "");
    commands = await Commands.open({ STERNA_URL: first?.base ?? "", STERNA_TOKEN: ann?.token ?? "" });
  });
  afterAll(async () => {
    await commands?.[Symbol.asyncDispose]();
    for (const hub of hubs) await hub[Symbol.asyncDispose]();
  });

  it("finds them with why, and the hubs", async () => {
    const found = (await commands.json("discover")) as Record<string, unknown>;
    expect(found).toMatchObject({
      suggestions: [
        { account: cleo?.iri, name: "Cleo", sharedTopics: ["terns"], why: "followed by Ben; posts about terns, cake" },
        { account: dan?.iri, name: "Dan", why: "followed by Ben" },
      ],
      walk: { hosts: { done: 2, left: 0 }, problems: [] },
    });
    expect(found["hubs"]).toEqual([
      { hub: hubs[2]?.base, accounts: 2 },
      { hub: hubs[1]?.base, accounts: 1 },
    ]);
    expect(await commands.done("discover", "--limit", "1")).toContain("followed by Ben; posts about terns, cake");
  });

  it("keeps what it learned over a restart, a hub that is down and all", async () => {
    await hubs[1]?.end("SIGTERM");
    await hubs[0]?.end("SIGKILL");
    await hubs[0]?.up();
    const found = (await commands.json("discover")) as { readonly suggestions: readonly { readonly name: string }[] };
    expect(found.suggestions.map(({ name }) => name)).toEqual(["Cleo", "Dan"]);
    const again = await commands.run(["discover", "--refresh", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({
      suggestions: [{ name: "Cleo" }, { name: "Dan" }],
      walk: { problems: [{ host: hubs[1]?.base }] },
    });
  });

  it("gives nothing of it out as data of the hub", async () => {
    const rows = await hubs[0]?.select(
      `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT ?who { ?who sioc:follows <${cleo?.iri}> }`,
    );
    expect(rows).toEqual([]);
    const followed = await hubs[1]?.up().then(() => hubs[0]?.call("GET", "ann/following"));
    expect(JSON.stringify(followed)).not.toContain("cleo");
  });
});
