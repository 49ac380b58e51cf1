import { describe, expect, it } from "vitest";
import { ACTIONS, may, mayPublish } from "../../src/pubsub/capability.ts";
import { DECIDERS } from "../../src/pubsub/decide/decide.ts";
import { PUBSUB_FEATURES } from "../../src/pubsub/decide/features.ts";
import { AFFILIATIONS, PUBLISH_MODELS } from "../../src/pubsub/state.ts";

describe("what an affiliation may do (XEP-0060 §4.1, table 4)", () => {
  it.each([
    ["owner", [...ACTIONS]],
    ["publisher", ["subscribe", "retrieve", "publish", "retract"]],
    ["publish-only", ["publish"]],
    ["member", ["subscribe", "retrieve"]],
    ["none", []],
    ["outcast", []],
  ] as const)("%s: %j", (affiliation, allowed) => {
    expect(ACTIONS.filter((action) => may(affiliation, action))).toEqual(allowed);
  });

  it("covers every affiliation, and only an owner rules the node", () => {
    for (const action of ["configure", "delete", "purge", "affiliate"] as const) {
      expect(AFFILIATIONS.filter((affiliation) => may(affiliation, action))).toEqual(["owner"]);
    }
  });

  it.each(PUBLISH_MODELS)("never lets an outcast publish (%s)", (model) => {
    expect(mayPublish("outcast", true, model)).toBe(false);
  });
});

describe("what disco advertises (XEP-0060 §10)", () => {
  const feature = (name: string): string => `http://jabber.org/protocol/pubsub#${name}`;

  it("names what is handled, what clients look for first", () => {
    for (const name of ["subscribe", "publish", "retrieve-items", "persistent-items", "item-ids", "retract-items"]) {
      expect(PUBSUB_FEATURES).toContain(feature(name));
    }
    expect(PUBSUB_FEATURES).toContain("http://jabber.org/protocol/pubsub");
    expect(Object.keys(DECIDERS)).toHaveLength(18);
  });

  it.each(["collections", "presence-notifications", "filtered-notifications", "last-published", "auto-subscribe"])(
    "does not name %s, which nothing handles",
    (name) => {
      expect(PUBSUB_FEATURES).not.toContain(feature(name));
    },
  );

  it("names nothing twice", () => {
    expect(new Set(PUBSUB_FEATURES).size).toBe(PUBSUB_FEATURES.length);
  });
});
