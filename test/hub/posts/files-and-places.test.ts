import { expect, it } from "vitest";
import { postFromQuads } from "../../../src/core/posts/post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { publishPost } from "../../../src/hub/posts/publish-post.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { must } from "../test-hub.ts";
import { follow, openTwoHubs, push } from "../two-hubs.ts";

it("go with a post to who follows, and stay when its text is edited", async () => {
  await using hubs = await openTwoHubs();
  await follow(hubs);
  const attachments = [{ iri: "https://files.example/tern.jpg" as Iri, format: "image/jpeg", description: "A tern" }];
  const place = { name: "Mettnau", lat: 47.727, long: 8.995 };
  const draft = { text: "Look!", attachments, place };
  const { iri } = must(await publishPost(hubs.there.ports, hubs.alice, "alice", draft));
  await push(hubs);
  const arrived = () => {
    const stored = hubs.here.ports.records.reader.document(iri);
    if (stored?.kind !== "live") throw new Error("Expected the post to have arrived.");
    return must(postFromQuads(stored.document.quads, iri));
  };
  expect(arrived()).toMatchObject({ text: "Look!", attachments, place });
  hubs.clock.advance(1_000);
  must(await editPost(hubs.there.ports, hubs.alice, iri, { text: "Look there!", place: { name: "The lake" } }));
  await push(hubs);
  expect(arrived()).toMatchObject({ text: "Look there!", attachments });
  expect(arrived().place).toEqual({ name: "The lake" });
});
