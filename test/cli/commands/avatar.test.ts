import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { PNG } from "../../support/pictures.ts";
import { cli, eachWithHub, hub } from "./with-hub.ts";

eachWithHub();
beforeEach(() => {
  hub.on("PUT /alice/avatar", (_, response) => void response.writeHead(204).end());
  hub.on("DELETE /alice/avatar", (_, response) => void response.writeHead(204).end());
  hub.json("PATCH /api/accounts/alice", { name: "alice" });
});

const set = (file: string, ...more: readonly string[]) =>
  cli.run(["account", "set", "alice", "--avatar", file, ...more]);
const asked = () => hub.seen.map(({ method, path }) => `${method} ${path}`);

describe("sterna account set --avatar", () => {
  it("sends the file's bytes, and changes nothing else", async () => {
    const file = join(cli.folder, "tern.png");
    await writeFile(file, PNG);
    expect(await set(file)).toMatchObject({ exitCode: 0, out: "Changed.\n" });
    expect(hub.seen.find(({ method }) => method === "PUT")?.body.equals(PNG)).toBe(true);
    expect(asked()).toEqual(["PUT /alice/avatar"]);
  });

  it("leaves the picture as it was when what came with it is refused", async () => {
    const file = join(cli.folder, "tern.png");
    await writeFile(file, PNG);
    hub.json("PATCH /api/accounts/alice", { detail: "Expected a language tag." }, 400);
    expect(await set(file, "--lang", "not a language")).toMatchObject({
      exitCode: 1,
      err: "Expected a language tag.\n",
    });
    expect(asked()).toEqual(["PATCH /api/accounts/alice"]);
  });

  it("says what was done when the picture alone is refused", async () => {
    const file = join(cli.folder, "tern.png");
    await writeFile(file, PNG);
    hub.json("PUT /alice/avatar", { detail: "Expected a picture." }, 415);
    const { exitCode, err } = await set(file, "--bio", "Birds.");
    expect([exitCode, err]).toEqual([1, "Expected a picture. All else was changed.\n"]);
    expect(await set(file)).toMatchObject({ err: "Expected a picture.\n" });
  });

  it("prints the account as it is afterwards with --json", async () => {
    const file = join(cli.folder, "tern.png");
    await writeFile(file, PNG);
    const { out } = await set(file, "--bio", "Birds.", "--json");
    expect(JSON.parse(out)).toEqual({ name: "alice" });
    expect(asked()).toEqual(["PATCH /api/accounts/alice", "PUT /alice/avatar", "PATCH /api/accounts/alice"]);
  });

  it("takes the picture away with an empty name", async () => {
    expect(await set("")).toMatchObject({ exitCode: 0 });
    expect(asked()).toContain("DELETE /alice/avatar");
  });

  it.each([
    ["not there", undefined, /no such file/],
    ["empty", Buffer.alloc(0), /it is empty/],
    ["too large", Buffer.alloc(262_145), /at most 262144 bytes, but .* has 262145/],
  ])("ends with 2 before anything is sent when the file is %s", async (_, bytes, why) => {
    const file = join(cli.folder, "tern.png");
    if (bytes !== undefined) await writeFile(file, bytes);
    const { exitCode, err } = await set(file, "--bio", "Birds.");
    expect([exitCode, asked()]).toEqual([2, []]);
    expect(err).toMatch(why);
  });
});
