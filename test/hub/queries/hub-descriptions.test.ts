import { expect, it, vi } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { queryNetwork } from "../../../src/hub/queries/query-network.ts";
import { addAccount, must, post } from "../test-hub.ts";
import { openTwoHubs } from "../two-hubs.ts";

it("what a hub had when it was followed keeps nobody from asking it for what it has since", async () => {
  await using hubs = await openTwoHubs();
  const { here, there, bob, alice } = hubs;
  const dora = await addAccount(there, "dora");
  must(await followAccount(there.ports, alice, dora.iri));
  must(await followAccount(here.ports, bob, alice.iri));
  must(await catchUp(here.ports, alice.iri, "followed"));
  const { reader } = here.ports.records;
  await vi.waitFor(() => expect(reader.learned("description", there.ports.identity.base)).toBeDefined());
  await post(there, dora, "The first one about #terns");
  const query = `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT ?text {
    <${bob.iri}> sioc:follows/sioc:follows ?them . ?post sioc:has_creator ?them ; sioc:topic ?topic ; sioc:content ?text }`;
  const { answer, told } = must(await queryNetwork(here.ports, bob, query));
  if (answer.kind !== "bindings") throw new Error("Expected rows.");
  const texts = await Array.fromAsync(answer.rows, (row) => row.get("text")?.value);
  expect({ texts, warnings: told.warnings }).toEqual({ texts: ["The first one about #terns"], warnings: [] });
});
