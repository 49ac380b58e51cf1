import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { runQuery } from "../../../src/hub/queries/run-query.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { ANONYMOUS, must, post } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const PREFIX = "PREFIX sioc: <http://rdfs.org/sioc/ns#>";
const FAR = "https://far.example/sparql";

let hubs: TwoHubs;
beforeEach(async () => {
  hubs = await openTwoHubs();
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  for (const text of ["first", "second"]) await post(hubs.there, hubs.alice, text);
});
afterEach(async () => {
  await hubs[Symbol.asyncDispose]();
});

const asked = () => hubs.here.remote.queries.asked;

async function rows(text: string, variable = "text"): Promise<readonly (string | undefined)[]> {
  const answer = must(await runQuery(hubs.here.ports, hubs.bob, `${PREFIX} ${text}`));
  if (answer.kind !== "bindings") throw new Error(`Expected rows, but got ${answer.kind}.`);
  return (await Array.fromAsync(answer.rows)).map((row) => row.get(variable)?.value).sort(byText);
}

const byText = (a = "", b = ""): number => a.localeCompare(b);

describe("SERVICE", () => {
  it("asks the hub of somebody one follows, for what is known here of its variables", async () => {
    const text = `SELECT ?text { <${hubs.bob.iri}> sioc:follows ?who
      SERVICE <${FAR}> { ?post sioc:has_creator ?who ; sioc:content ?text } }`;
    expect(await rows(text)).toEqual(["first", "second"]);
    expect(asked()).toMatchObject([{ kind: "bindings", to: { endpoint: FAR } }]);
    expect(asked()[0]?.query).toContain(`VALUES ?who { <${hubs.alice.iri}> }`);
  });

  it("asks in batches where much is known, and nothing where nothing fits", async () => {
    const many = Array.from({ length: 250 }, (_, at) => `<https://far.example/${at}>`).join(" ");
    const text = (values: string) => `SELECT ?text { VALUES ?who { ${values} }
      SERVICE <${FAR}> { ?post sioc:has_creator ?who ; sioc:content ?text } }`;
    expect(await rows(text(`${many} <${hubs.alice.iri}>`))).toEqual(["first", "second"]);
    expect(asked()).toHaveLength(3);
    asked().length = 0;
    expect(
      await rows(`SELECT ?text { ?who sioc:follows <p:nobody> SERVICE <${FAR}> { ?post sioc:has_creator ?who } }`),
    ).toEqual([]);
    expect(asked()).toEqual([]);
  });

  it("may stand in OPTIONAL and UNION, by a prefixed name and by the hub's address", async () => {
    expect(
      await rows(`PREFIX far: <https://far.example/> SELECT ?text {
        { <${hubs.bob.iri}> sioc:follows ?who OPTIONAL { SERVICE far:sparql { ?post sioc:has_creator ?who ; sioc:content ?text FILTER(?text = "first") } } }
        UNION { SERVICE <https://far.example/> { ?other sioc:content ?text FILTER(?text = "second") } } }`),
    ).toEqual(["first", "second"]);
  });

  it("leaves a failing endpoint out when SILENT, and is refused else", async () => {
    hubs.here.remote.queries.answers.set("https://far.example/", refuse("remote-refused", "far is broken."));
    const text = (silent: string) =>
      `SELECT ?who ?text { <${hubs.bob.iri}> sioc:follows ?who SERVICE ${silent} <${FAR}> { ?post sioc:content ?text } }`;
    expect(await rows(text("SILENT"), "who")).toEqual([hubs.alice.iri]);
    expect(await runQuery(hubs.here.ports, hubs.bob, `${PREFIX} ${text("")}`)).toMatchObject({
      code: "remote-refused",
      message: "far is broken.",
    });
  });

  it.each([
    ["of nobody in particular", "SELECT * { SERVICE <https://far.example/sparql> { ?s ?p ?o } }", "forbidden", true],
    ["to a stranger", "SELECT * { SERVICE <https://stranger.example/sparql> { ?s ?p ?o } }", "forbidden", false],
    ["to a stranger, silently", "SELECT * { SERVICE SILENT <http://127.0.0.1/> { ?s ?p ?o } }", "forbidden", false],
    ["by a variable", "SELECT * { ?s ?p ?e SERVICE ?e { ?s ?p ?o } }", "invalid", false],
    [
      "in another one",
      "SELECT * { SERVICE <https://far.example/> { ?s ?p ?o SERVICE <https://x.example/> { ?s ?p ?o } } }",
      "forbidden",
      false,
    ],
    ["that cannot be read", "SELECT * { SERVICE <https://far.example/> { ?s } }", "malformed", false],
  ])("is refused %s", async (_, text, code, anonymous) => {
    const by = anonymous ? ANONYMOUS : hubs.bob;
    expect(await runQuery(hubs.here.ports, by, text)).toMatchObject({ kind: "refusal", code });
    expect(asked()).toEqual([]);
  });
});
