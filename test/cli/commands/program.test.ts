import { describe, expect, it } from "vitest";
import { cli, eachWithHub } from "./with-hub.ts";

eachWithHub();

describe("a mistaken command line ends with 2 and says what was meant", () => {
  it.each([
    ["a mistyped command", ["psot", "x"], /unknown command 'psot'[\s\S]*Did you mean post\?/],
    [
      "a mistyped option",
      ["post", "--reply-tp", "x", "y"],
      /unknown option '--reply-tp'[\s\S]*Did you mean --reply-to\?/,
    ],
    ["a missing argument", ["post"], /missing required argument 'text'/],
    ["a format that is none", ["query", "ASK {}", "--format", "yaml"], /Allowed choices are table/],
    ["a count that is none", ["timeline", "-n", "many"], /-n to be a number from 1 to 10000, but got "many"/],
    ["a file that is not there", ["import", "none.ttl"], /could not/],
    ["a file whose format nobody knows", ["import", "posts.doc"], /Name its format with --format/],
    ["an address that is none", ["status", "--url", "hub"], /Expected the hub's address/],
    ["a query that is neither file nor query", ["query", "nowhere.rq"], /neither/],
  ])("%s", async (_name, args, why) => {
    const { exitCode, err, out } = await cli.run(args);
    expect(err).toMatch(why);
    expect(out).toBe("");
    expect(exitCode).toBe(2);
  });
});

describe("help", () => {
  const COMMANDS =
    "serve init account login post reply edit delete like unlike repost show timeline follow unfollow following followers query update import export status".split(
      " ",
    );
  it.each([
    ...COMMANDS.map((name) => [name]),
    ["account", "add"],
    ["account", "set"],
    ["account", "show"],
    ["account", "list"],
    ["graph", "list"],
    ["graph", "get"],
    ["graph", "put"],
    ["graph", "delete"],
  ])("of %s %s has examples and ends with 0", async (...names) => {
    const { exitCode, out } = await cli.run([...names.filter((name) => name !== undefined), "--help"]);
    expect(out).toMatch(/Examples:\n {2}\$ /);
    expect(exitCode).toBe(0);
  });

  it("of serve shows every option with its variable, and hands flags over by their names", async () => {
    const { out } = await cli.run(["serve", "--help"]);
    expect(out).toMatch(/--port <value>[\s\S]*STERNA_PORT/);
    expect(out).toMatch(/XMPP_SECRET, or XMPP_SECRET_FILE/);
    await cli.run(["serve", "--port", "9", "--log", "debug", "--xmpp-s2s", "h:1"]);
    expect(cli.served).toEqual([{ flags: { port: "9", logLevel: "debug", xmppS2s: "h:1" } }]);
  });
});
