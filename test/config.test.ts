import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { CONFIG_OPTIONS, configTable } from "../src/config-options.ts";
import { Fault } from "../src/outcome/fault.ts";

function faultOf(env: Record<string, string>, flags = {}): Fault {
  try {
    readConfig(env, flags);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("Expected a Fault, but the configuration was read.");
}

describe("the options of the server", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sterna-config-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("have defaults that start a hub on this machine only, with an XMPP server of its own", () => {
    expect(readConfig({})).toMatchObject({
      data: "./data",
      host: "127.0.0.1",
      port: 8030,
      base: "http://localhost:8030/",
      xmpp: { mode: "managed", domain: "hub.localhost", s2sListen: "127.0.0.1:5269" },
      postCharacters_max: 5_000,
      backfillPosts_max: 500,
    });
  });

  it("come from flags before the environment, and an empty variable counts as none", () => {
    const config = readConfig({ STERNA_PORT: "9000", STERNA_TITLE: "", STERNA_HOST: "::" }, { port: "9001" });
    expect([config.port, config.base, config.title, config.host]).toEqual([
      9001,
      "http://localhost:9001/",
      "Sterna",
      "::",
    ]);
  });

  it("take XMPP_SERVICE to mean an external server and the base's host to be its domain", () => {
    const config = readConfig({
      STERNA_BASE: "https://hub.example/",
      XMPP_SERVICE: "xmpp://127.0.0.1:5347",
      XMPP_SECRET: "s",
    });
    expect(config.xmpp).toEqual({
      mode: "external",
      domain: "hub.example",
      service: "xmpp://127.0.0.1:5347",
      secret: "s",
    });
  });

  it("read a secret from the file that its _FILE twin names, without the line end", async () => {
    const file = join(folder, "secret");
    await writeFile(file, "from a file\n");
    const config = readConfig({ XMPP_SERVICE: "xmpp://h:5347", XMPP_SECRET_FILE: file });
    expect(config.xmpp).toMatchObject({ secret: "from a file" });
  });

  it("are all checked before the first mistake is told, each with its name, what was expected and what came", () => {
    const fault = faultOf(
      { STERNA_PORT: "eighty", STERNA_BASE: "hub.example", STERNA_LOG: "loud", STERNA_XMPP: "external" },
      { catchUp: "0" },
    );
    expect(fault.code).toBe("configuration");
    expect(fault.message.split("\n")).toHaveLength(7);
    expect(fault.message).toMatch(/^6 options are wrong:/);
    expect(fault.message).toMatch(/STERNA_PORT: expected a number from 0 to 65535, but got "eighty"/);
    expect(fault.message).toMatch(/STERNA_BASE: expected an http or https IRI.*"hub\.example"/);
    expect(fault.message).toMatch(/--catch-up: expected a number from 1 to 10080, but got "0"/);
    expect(fault.message).toMatch(/XMPP_SECRET: expected the component's secret .*nothing/);
  });

  it("never repeat a secret", () => {
    const fault = faultOf({ XMPP_SERVICE: "nonsense", XMPP_SECRET: "hunter2", XMPP_SECRET_FILE: "/nowhere" });
    expect(fault.message).not.toContain("hunter2");
    expect(fault.message).toMatch(/XMPP_SECRET: expected it or XMPP_SECRET_FILE, but got both/);
  });

  it("tell which file cannot be read", () => {
    expect(faultOf({ XMPP_SERVICE: "xmpp://h:1", XMPP_SECRET_FILE: join(folder, "none") }).message).toMatch(
      /XMPP_SECRET_FILE: .*none is not \(ENOENT\)/,
    );
  });

  it.each(["https://hub.example", "https://hub.example/?x=/", "https://a:b@hub.example/", "ftp://hub.example/"])(
    "refuse the base %s",
    (base) => {
      expect(faultOf({ STERNA_BASE: base }).message).toMatch(/STERNA_BASE/);
    },
  );

  it("all stand in the table for the README", () => {
    const table = configTable();
    for (const { env } of CONFIG_OPTIONS) expect(table).toContain(`\`${env}\``);
  });

  it("name endpoints by http, https and xmpp addresses, each checked", () => {
    const services = "https://hub.example/ http://localhost:3030/ds xmpp:hub.example XMPP:bot@hub.example";
    expect(readConfig({ STERNA_SERVICES: ` ${services} ` }).services).toEqual(services.split(" "));
    for (const wrong of ["hub.example", "xmpp:", "xmpp://hub.example", "xmpp:hub.example/x", "ftp://x.example/"]) {
      expect(faultOf({ STERNA_SERVICES: `https://hub.example/ ${wrong}` }).message).toMatch(
        /http, https or xmpp addresses/,
      );
    }
  });

  it("name the owner by bare JIDs of people, each checked", () => {
    expect(readConfig({}).ownerJids).toEqual([]);
    const { ownerJids } = readConfig({ STERNA_OWNER_JID: " Anna@Jabber.example, bob@far.example " });
    expect(ownerJids).toEqual(["anna@jabber.example", "bob@far.example"]);
    for (const wrong of ["jabber.example", "anna@jabber.example/phone", "anna@", "anna@jabber.example nobody"]) {
      expect(faultOf({ STERNA_OWNER_JID: wrong }).message).toMatch(/STERNA_OWNER_JID: expected bare JIDs of people/);
    }
  });

  it("leave the query store in the hub, or name another one whole", () => {
    const store = "http://localhost:8890/sparql";
    expect(readConfig({}).store).toBeUndefined();
    expect(readConfig({ STERNA_STORE: "embedded" }).store).toBeUndefined();
    expect(readConfig({ STERNA_STORE: store }).store).toEqual({ query: store, update: store });
    const more = { STERNA_STORE_UPDATE: `${store}-auth`, STERNA_STORE_USER: "hub", STERNA_STORE_PASSWORD: "secret" };
    expect(readConfig({ STERNA_STORE: store, ...more }).store).toEqual({
      query: store,
      update: `${store}-auth`,
      user: "hub",
      password: "secret",
    });
  });

  it.each([
    [{ STERNA_STORE: "virtuoso" }, /STERNA_STORE: expected embedded, or the http or https URL.*"virtuoso"/],
    [{ STERNA_STORE: "http://a:b@localhost/sparql" }, /STERNA_STORE: .*without a password/],
    [{ STERNA_STORE: "http://localhost/sparql", STERNA_STORE_UPDATE: "no" }, /STERNA_STORE_UPDATE: /],
    [{ STERNA_STORE: "http://localhost/sparql", STERNA_STORE_PASSWORD: "x" }, /STERNA_STORE_USER: expected a name/],
    [{ STERNA_STORE_USER: "hub" }, /STERNA_STORE_USER: expected it only beside STERNA_STORE/],
  ])("refuse half a store: %j", (env, message) => {
    expect(faultOf(env).message).toMatch(message);
  });
});
