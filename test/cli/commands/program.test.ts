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
  it("of serve shows every option with its variable, and hands flags over by their names", async () => {
    const { out } = await cli.run(["serve", "--help"]);
    expect(out).toMatch(/--port <value>[\s\S]*STERNA_PORT/);
    expect(out).toMatch(/XMPP_SECRET, or XMPP_SECRET_FILE/);
    await cli.run(["serve", "--port", "9", "--log", "debug", "--xmpp-s2s", "h:1"]);
    expect(cli.served).toEqual([{ flags: { port: "9", logLevel: "debug", xmppS2s: "h:1" } }]);
  });
});
