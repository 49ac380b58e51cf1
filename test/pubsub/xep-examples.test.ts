import { describe, expect, it } from "vitest";
import type { NodeId } from "../../src/pubsub/state.ts";
import {
  example,
  fieldNames,
  francisco,
  musings,
  nameOf,
  namesOf,
  parse,
  Shakespeare,
  service,
  shapeOf,
} from "./example-service.ts";
import { ANSWERS, type AnswerRow, SKIPPED, TOLD, type ToldRow } from "./xep-0060-table.ts";

/** Fields of the standard's forms that ours do not have in this form, with the reason. */
const FIELDS_NOT_HERE: ReadonlyMap<string, string> = new Map([
  ["pubsub#purge_offline", "no presence of publishers is known"],
  ["pubsub#dataform_xslt", "payloads are not transformed"],
  ["pubsub#body_xslt", "payloads are not transformed"],
  ["pubsub#digest", "notifications are never gathered"],
  ["pubsub#roster_groups_allowed", "a list to choose from there; here groups are named freely"],
]);

function comparable(given: string, wanted: string, without: readonly string[]) {
  const fields = new Set(fieldNames(parse(wanted)).filter((name) => !FIELDS_NOT_HERE.has(name)));
  const leave = [...without, "@label", "title", "instructions"];
  return [shapeOf(parse(given), leave, fields), shapeOf(parse(wanted), leave, fields)] as const;
}

describe("XEP-0060, chapters 5 to 8: a request and its answer", () => {
  it.each(ANSWERS.map((row) => [nameOf(`0060 ${row.request}`), nameOf(`0060 ${row.answer}`), row] as const))(
    "%s → %s",
    (request, answer, { state, change = (xml) => xml, without = [] }: AnswerRow) => {
      const given = state().ask(change(example(request))).answer;
      const [ours, theirs] = comparable(given, example(answer), without);
      expect(ours).toEqual(theirs);
    },
  );
});

describe("XEP-0060, chapters 5 to 8: what is told", () => {
  it.each(TOLD.map((row) => [nameOf(`0060 ${row.request}`), nameOf(`0060 ${row.told}`), row] as const))(
    "%s → %s",
    (request, told, { state, change = (xml) => xml, without = [] }: ToldRow) => {
      const { messages } = state().ask(change(example(request)));
      const ours = parse(`<all>${messages.join("")}</all>`).getChildElements();
      const theirs = parse(`<all>${example(told)}</all>`).getChildElements();
      const fields = new Set(theirs.flatMap(fieldNames).filter((name) => !FIELDS_NOT_HERE.has(name)));
      // Ids of messages are the sender's own; ours names the publisher always, and is a headline unless told otherwise.
      const leave = [...without, "@id", "@publisher", "@label", "@type", "title", "instructions"];
      const shapes = (all: typeof ours) => all.map((one) => JSON.stringify(shapeOf(one, leave, fields))).sort();
      expect(shapes(ours)).toEqual(shapes(theirs));
    },
  );
});

it("leaves no example out without a reason", () => {
  const used = [
    ...ANSWERS.flatMap(({ request, answer }) => [request, answer]),
    ...TOLD.flatMap(({ request, told }) => [request, told]),
    ...ELSEWHERE,
    ...SKIPPED.keys(),
  ].map((name) => nameOf(`0060 ${name}`));
  const all = namesOf("0060");
  expect(all.filter((name) => !used.includes(name))).toEqual([]);
  const skipped = [...SKIPPED.keys()].map((name) => nameOf(`0060 ${name}`));
  expect(new Set(skipped).size).toBe(SKIPPED.size);
});

/** Examples with a test of their own: those below, and those of disco in `test/hub/xep-examples.test.ts`. */
const ELSEWHERE = [
  "entity-features: Entity",
  "entity-features: Pubsub",
  "entity-nodes: Entity",
  "entity-nodes: Service",
  "entity-info: Entity",
  "entity-info: Service",
  "entity-metadata: Entity",
  "entity-metadata: Service",
  "entity-discoveritems: ",
  "subscriber-configure-support: ",
  "entity-subscriptions: Entity requests current subscriptions from a specific node",
  "entity-subscriptions: Service returns all current subscriptions to a specific node",
  "publisher-publish-options: ",
  "owner-subreq: Owner cancels form submission",
  "owner-create-and-configure: Entity requests",
  "owner-configure-submit: Owner submits",
];

describe("XEP-0060, chapters 5 to 8: examples without an answer of their own", () => {
  it("lists the subscriptions at one node (§5.6)", () => {
    const node = "node6" as NodeId;
    const asked = new Shakespeare().node(node);
    for (const subid of ["123-abc", "004-yyy"]) asked.subscribe(francisco, { node, subid });
    const request = example("0060 entity-subscriptions: Entity requests current").replace("princely_musings", node);
    const rowsOf = (xml: string) => {
      const list = parse(xml).getChild("pubsub")?.getChild("subscriptions");
      return [list?.attrs["node"], new Set(list?.getChildElements().map((row) => JSON.stringify(shapeOf(row))))];
    };
    const answer = example("0060 entity-subscriptions: Service returns all current subscriptions to a specific node");
    expect(rowsOf(asked.ask(request).answer)).toEqual(rowsOf(answer));
  });

  it("publishes with options that the node has, and not with others (§7.1.5)", () => {
    const request = example("0060 publisher-publish-options: ");
    const met = new Shakespeare({ accessModel: "presence" }).ask(request).answer;
    expect(parse(met).attrs["type"]).toBe("result");
    const unmet = parse(new Shakespeare().ask(request).answer).getChild("error");
    expect(unmet?.getChildElements().map((child) => child.getName())).toEqual(
      expect.arrayContaining(["conflict", "precondition-not-met"]),
    );
    const made = Shakespeare.empty().in({ autoCreate: true });
    expect(parse(made.ask(request).answer).attrs["type"]).toBe("result");
    expect(made.state.node(service, musings)?.config.accessModel).toBe("presence");
    const unknown = request.replace("pubsub#access_model", "pubsub#no_such_field");
    expect(new Shakespeare({ accessModel: "presence" }).ask(unknown).answer).toContain("precondition-not-met");
  });

  it("leaves a request as it is when the owner cancels the form (§8.6)", () => {
    const asked = new Shakespeare({ accessModel: "authorize" }).subscribe(francisco, { state: "pending" });
    const { answer, messages } = asked.ask(example("0060 owner-subreq: Owner cancels"));
    expect([answer, messages]).toEqual(["", []]);
    expect(asked.state.subscriptions(service, musings)).toMatchObject([{ state: "pending" }]);
  });

  it.each(["owner-create-and-configure: Entity requests", "owner-configure-submit: Owner submits"])(
    "configures what the form says: %s",
    (name) => {
      const asked = name.startsWith("owner-create") ? Shakespeare.empty() : new Shakespeare();
      asked.ask(example(`0060 ${name}`));
      expect(asked.state.node(service, musings)?.config).toMatchObject({
        title: "Princely Musings (Atom)",
        persistItems: true,
        maxItems: 10,
        itemExpire_s: 604_800,
        sendLast: "never",
        notifyDelete: false,
        payloadBytes_max: 1_028,
        type: "urn:example:e2ee:bundle",
      });
    },
  );
});
