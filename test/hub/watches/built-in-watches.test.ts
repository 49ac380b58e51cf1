import { expect, it } from "vitest";
import type { Watch } from "../../../src/hub/ports/standing.ts";
import { meaningOf } from "../../../src/hub/watches/built-in-watches.ts";
import { openTestHub } from "../test-hub.ts";

it.each([
  ["https://hub.example/tags/terns", "#terns"],
  ["https://hub.example/tags/%C3%A9t%C3%A9", "#été"],
  ["https://far.example/tags/gulls", "gulls (far.example)"],
  ["http://dbpedia.org/resource/Tern", "Tern (dbpedia.org)"],
  ["urn:birds", "urn:birds"],
])("a topic reads as people write it: %s", async (about, label) => {
  await using hub = await openTestHub();
  const watch = { account: "alice", of: { what: "topic", about } } as unknown as Watch;
  expect(meaningOf(hub.ports, watch)).toEqual({ words: "Posts on", about: { iri: about, label } });
});
