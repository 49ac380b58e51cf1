import { describe, expect, it } from "vitest";
import { cli, eachWithHub, hub, POST } from "./with-hub.ts";

eachWithHub();

describe("what others wrote", () => {
  const EVIL = {
    ...POST,
    creatorName: "Eve\u001b[2J",
    text: "\u001b]0;owned\u0007 red \u009b31m\r\u202eabc\nsecond line",
    replyOf: "x:\u001b[1m",
  };

  it("never reaches the terminal as control characters", async () => {
    hub.json("GET /alice/timeline", { posts: [EVIL] });
    cli.env["NO_COLOR"] = "1";
    const { out } = await cli.run(["timeline"], { tty: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(out).toContain("␛]0;owned␇");
    expect(out).toContain("\n  second line\n");
  });

  it("keeps the line in order when it runs right to left", async () => {
    hub.json("GET /alice/timeline", { posts: [{ ...POST, creatorName: "שרה" }] });
    expect((await cli.run(["timeline"])).out).toContain("\u2068שרה\u2069 bob@other.example · 5 min");
  });

  it("has no colours in a pipe, nor with NO_COLOR, but has them on a terminal", async () => {
    hub.json("GET /alice/timeline", { posts: [POST] });
    expect((await cli.run(["timeline"])).out).not.toContain("\u001b");
    expect((await cli.run(["timeline"], { tty: true })).out).toContain("\u001b[1mBob\u001b[22m");
    cli.env["NO_COLOR"] = "1";
    expect((await cli.run(["timeline"], { tty: true })).out).not.toContain("\u001b");
  });

  it("is made harmless in refusals too", async () => {
    hub.json("POST /alice/following", { detail: "no \u001b[31m" }, 422);
    expect((await cli.run(["follow", "x@y"])).err).toBe("no ␛[31m\n");
  });
});
