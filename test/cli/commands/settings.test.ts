import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { cli, eachWithHub, hub, sent } from "./with-hub.ts";

eachWithHub();

describe("settings", () => {
  beforeEach(() => {
    delete cli.env["STERNA_TOKEN"];
    delete cli.env["STERNA_URL"];
  });
  const path = (): string => join(cli.folder, "config", "sterna", "config.json");

  it("log in by a JID that confirms the transaction that is shown, asking again while it is waited for", async () => {
    let asked = 0;
    hub.json("POST /api/logins", { login: "s3cret", transaction: "AB12CD", seconds: 300 }, 202);
    hub.on("POST /api/logins/s3cret", (_request, response) => {
      const done = ++asked === 3;
      response.writeHead(done ? 201 : 202, { "content-type": "application/json" });
      response.end(JSON.stringify(done ? { token: "t9", account: "alice" } : { state: "waiting" }));
    });
    const { exitCode, err } = await cli.run(["login", hub.url, "--jid", "alice@far.example", "--as", "alice"]);
    expect([exitCode, asked]).toEqual([0, 3]);
    expect(err).toContain("AB12CD");
    const request = sent("POST", "/api/logins");
    expect(JSON.parse(request.body.toString())).toEqual({ jid: "alice@far.example", account: "alice" });
    expect(request.headers["authorization"]).toBeUndefined();
    expect(sent("GET", "/api/me").headers["authorization"]).toBe("Bearer t9");
  });

  it("pause between two questions about a login that is waited for", async () => {
    let asked = 0;
    hub.json("POST /api/logins", { login: "s3cret", transaction: "AB12CD", seconds: 300 }, 202);
    hub.on("POST /api/logins/s3cret", (_request, response) => {
      asked++;
      response.writeHead(202, { "content-type": "application/json" });
      response.end("{}");
    });
    const { exitCode, err } = await cli.run(["login", hub.url, "--jid", "alice@far.example"]);
    expect([exitCode, asked]).toEqual([1, 900]);
    expect(err).toMatch(/nobody did; try again/);
    expect(cli.pauses).toEqual(Array(899).fill(1_000));
  });

  it("show the token of a new account also when they cannot be written", async () => {
    hub.json("POST /api/accounts", { name: "carol", iri: `${hub.url}carol#account`, token: "only-once" }, 201);
    await writeFile(join(cli.folder, "config"), "no folder");
    const add = ["account", "add", "carol", "--url", hub.url, "--token", "owner"];
    const { exitCode, out, err } = await cli.run(add);
    expect([exitCode, out]).toEqual([1, expect.stringContaining("Token   only-once")]);
    expect(err).toMatch(
      /^The account was made, but its token was not saved; keep it\. Expected to (?:read|write) [^\n]*\n$/,
    );
    const login = await cli.run(["login", hub.url], { stdin: "t1\n" });
    expect([login.exitCode, login.err]).toEqual([1, expect.stringMatching(/^Expected to (?:read|write) /)]);
  });

  it("say why a login by a JID came to nothing, and keep nothing", async () => {
    hub.json("POST /api/logins", { login: "s3cret", transaction: "AB12CD", seconds: 300 }, 202);
    hub.json("POST /api/logins/s3cret", { detail: "The login AB12CD was refused by the person at that JID." }, 403);
    const { exitCode, err } = await cli.run(["login", hub.url, "--jid", "alice@far.example"]);
    expect([exitCode, err]).toEqual([1, expect.stringContaining("was refused")]);
  });

  it("link a JID by its code, from either side", async () => {
    hub.json("POST /api/accounts/alice/links", { jid: "bob@jabber.example", minutes: 15 }, 202);
    expect((await cli.run(["account", "link", "bob@jabber.example", "--url", hub.url, "--token", "t"])).out).toContain(
      "--code",
    );
    hub.json("POST /api/accounts/alice/links", { jid: "bob@jabber.example" }, 201);
    expect(
      (
        await cli.run([
          "account",
          "link",
          "bob@jabber.example",
          "--code",
          "0123456789",
          "--url",
          hub.url,
          "--token",
          "t",
        ])
      ).out,
    ).toContain("Linked");
    const bodies = hub.seen
      .filter(({ path }) => path.endsWith("/links"))
      .map(({ body }) => JSON.parse(body.toString()) as unknown);
    expect(bodies).toEqual([{ jid: "bob@jabber.example" }, { jid: "bob@jabber.example", code: "0123456789" }]);
  });

  it("keep what login was given, readable by one person only, for the commands that follow", async () => {
    expect((await cli.run(["login", hub.url], { stdin: "t1\n" })).exitCode).toBe(0);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    hub.json("GET /api/status", { uptime_s: 90, outbox: { queued: 0 } });
    expect((await cli.run(["status"])).out).toBe("uptime: 90 s\noutbox:\n  queued: 0\n");
    expect(sent("GET", "/api/status").headers.authorization).toBe("Bearer t1");
  });

  it("that others can read are refused, with the command that mends it", async () => {
    await cli.run(["login", hub.url, "--token", "t1"]);
    await chmod(path(), 0o644);
    const { exitCode, err } = await cli.run(["status"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/it is 644, and it holds tokens\. Run: chmod 600/)]);
  });

  it("that are damaged are refused and stay as they are", async () => {
    await cli.run(["login", hub.url, "--token", "t1"]);
    await writeFile(path(), "{");
    expect(await cli.run(["login", hub.url, "--token", "t2"])).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/Mend it/),
    });
    expect(await readFile(path(), "utf8")).toBe("{");
  });

  it("hold several accounts, of which --as picks one", async () => {
    hub.on("POST /api/accounts", ({ body, headers }, response) => {
      const { name } = JSON.parse(body.toString());
      expect(headers.authorization).toBe("Bearer owners");
      response.writeHead(201, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          name,
          iri: `${hub.url}${name}#account`,
          jid: `${name}@hub.localhost`,
          token: `token-of-${name}`,
        }),
      );
    });
    await writeFile(join(cli.folder, "owner-token"), "owners\n");
    for (const name of ["carol", "dave"]) {
      const { exitCode, out } = await cli.run(["account", "add", name, "--url", hub.url, "--data", "."]);
      expect([exitCode, out]).toEqual([0, expect.stringContaining(`token-of-${name}`)]);
    }
    hub.json("GET /carol/timeline", { posts: [] });
    expect((await cli.run(["timeline", "--as", "carol"])).exitCode).toBe(0);
    expect(sent("GET", "/carol/timeline").headers.authorization).toBe("Bearer token-of-carol");
    expect((await cli.run(["account", "list"])).out).toMatch(/^ {2}carol .*\n\* dave /);
    expect(await cli.run(["timeline", "--as", "erin"])).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/there: carol, dave/),
    });
  });

  it("are not needed to say where the owner's token should be", async () => {
    const { exitCode, err } = await cli.run(["account", "add", "carol", "--data", "nowhere"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/nowhere\/owner-token, but could not read it/)]);
  });
});
