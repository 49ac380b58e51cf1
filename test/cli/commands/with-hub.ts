import { afterEach, beforeEach } from "vitest";
import { FixtureHub, type SeenRequest } from "../fixture-hub.ts";
import { CommandLine } from "../memory-io.ts";

/** A post of somebody else. */
export const POST = {
  iri: "http://other.example/bob/posts/3k2abcdefghij",
  creator: "http://other.example/bob#account",
  creatorName: "Bob",
  creatorJid: "bob@other.example",
  text: "Terns!",
  created: "2026-11-21T05:55:00.000Z",
};

/** The hub and the command line of the running test, once {@link eachWithHub} was called. */
export let hub: FixtureHub;
export let cli: CommandLine;

/** Gives each test of a file a hub, and a command line that is logged in there as alice. */
export function eachWithHub(): void {
  beforeEach(async () => {
    hub = await FixtureHub.open();
    cli = await CommandLine.open();
    cli.env["STERNA_URL"] = hub.url;
    cli.env["STERNA_TOKEN"] = "t0ken";
  });
  afterEach(async () => {
    cli.stop.abort();
    await hub[Symbol.asyncDispose]();
    await cli[Symbol.asyncDispose]();
  });
}

/** What the hub was sent; throws when it was not. */
export function sent(method: string, path: string): SeenRequest {
  const request = hub.seen.find((each) => each.method === method && each.path.startsWith(path));
  if (request !== undefined) return request;
  const got = hub.seen.map((each) => `${each.method} ${each.path}`).join(", ");
  throw new Error(`Expected ${method} ${path}, but got ${got}.`);
}
