import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import { instantOf } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid } from "../../../src/core/jid.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { DiscoInfo } from "../../../src/pubsub/disco.ts";
import type { PubsubError } from "../../../src/pubsub/reply.ts";
import type { NodeId, PageRequest, PubsubItem } from "../../../src/pubsub/state.ts";
import { answeredPageOf, discoInfoOf, isLastPage } from "../../../src/xmpp/decode/disco.ts";
import { discoInfoToXml, ITEMS_BYTES_MAX, replyToXml } from "../../../src/xmpp/encode/encode.ts";
import { errorOf, errorToXml } from "../../../src/xmpp/encode/stanza-error.ts";
import { NS } from "../../../src/xmpp/namespaces.ts";

const service = "alice@hub.example" as BareJid;
const node = "n" as NodeId;

function parse(xml: string): XmlElement {
  const root = parseXml(xml);
  if (isRefusal(root)) throw new Error(root.message);
  return root;
}

function item(n: number, length: number): PubsubItem {
  const time = instantOf(n);
  const payload = `<e xmlns="urn:e">${"é".repeat(length)}</e>`;
  return { service, node, id: `item-${n}` as ItemId, publisher: service, payload, published: time, updated: time };
}

const text = fc
  .string({ unit: "grapheme", maxLength: 20 })
  .filter((each) => /^[^\u0000-\u001f\ufffe\uffff]*$/.test(each));

describe("an answer with items", () => {
  /** What the reader of an answer sees, for a service of `count` items of `length` characters, the page at `first`. */
  const answer = (wanted: Partial<PageRequest>, first: number, count: number, length: number) => {
    const page = { max: 50, order: "creation", ...wanted } as const;
    const items = Array.from({ length: Math.min(page.max, count - first) }, (_, n) => item(first + n, length));
    const reply = {
      kind: "items",
      node,
      paged: true,
      page: { items, firstIndex: first, count, complete: false },
    } as const;
    const xml = replyToXml(reply, { kind: "items", service, node, ids: [], page });
    const pubsub = parse(xml);
    const rows = pubsub.getChild("items", NS.pubsub)?.getChildren("item", NS.pubsub) ?? [];
    const set = answeredPageOf(pubsub);
    return { xml, ids: rows.map(({ attrs }) => attrs["id"]), set, last: isLastPage(rows.length, page, set) };
  };

  it("says where its page stands (XEP-0059 §2.1)", () => {
    expect(answer({ max: 2 }, 3, 9, 1)).toMatchObject({
      ids: ["item-3", "item-4"],
      set: { index: 3, count: 9, last: "item-4" },
      last: false,
    });
    expect(answer({ max: 50 }, 3, 9, 1)).toMatchObject({ set: { index: 3, count: 9 }, last: true });
    expect(answer({ max: 0 }, 0, 9, 1).set).toEqual({ count: 9 });
  });

  it("is cut to what fits, and read as not the last page", () => {
    const { xml, ids, set, last } = answer({}, 0, 40, 10_000);
    expect(Buffer.byteLength(xml)).toBeLessThan(ITEMS_BYTES_MAX + 1_000);
    expect(ids.length).toBeLessThan(40);
    expect(ids[0]).toBe("item-0");
    expect(set).toEqual({ index: 0, count: 40, last: ids.at(-1) });
    expect(last).toBe(false);
  });

  it("is cut at its beginning when the reader walks backwards", () => {
    const { ids, set } = answer({ before: "" }, 5, 40, 10_000);
    expect(ids.at(-1)).toBe("item-39");
    expect(set).toMatchObject({ index: 40 - ids.length, count: 40, last: "item-39" });
  });

  it("holds one item however long", () => {
    expect(answer({}, 0, 2, ITEMS_BYTES_MAX).ids).toEqual(["item-0"]);
  });

  it("says how many there are when items asked for by id do not all fit (XEP-0060 §6.5.4)", () => {
    const items = [item(1, 100_000), item(2, 100_000)];
    const page = { items, firstIndex: 0, count: 2, complete: true };
    const pubsub = parse(replyToXml({ kind: "items", node, paged: false, page }));
    expect(answeredPageOf(pubsub)).toMatchObject({ index: 0, count: 2, last: "item-1" });
    expect(
      answeredPageOf(parse(replyToXml({ kind: "items", node, paged: false, page: { ...page, items: [item(1, 1)] } }))),
    ).toBe(undefined);
  });

  it.each([
    ["a service that does not page", 3, undefined, true],
    ["an empty page", 0, {}, true],
    ["few rows and no place", 3, { count: 9 }, true],
    ["as many rows as were asked for and no place", 5, { count: 9 }, false],
    ["a place in the middle", 3, { index: 0, count: 9 }, false],
    ["a place at the end", 3, { index: 6, count: 9 }, true],
  ])("is the last page, or not: %s", (_, rows, set, last) => {
    expect(isLastPage(rows, { max: 5, order: "creation" }, set)).toBe(last);
  });
});

describe("disco#info", () => {
  it("comes back from XML as it was, whatever stands in it", () => {
    const optional = (name: string) =>
      fc.option(
        text.map((each) => ({ [name]: each })),
        { nil: {} },
      );
    const field = fc
      .tuple(
        text.filter((name) => name !== "FORM_TYPE"),
        optional("type"),
        optional("label"),
        fc.array(text, { maxLength: 3 }),
      )
      .map(([name, type, label, values]) => ({ name, ...type, ...label, values }));
    const infos: fc.Arbitrary<DiscoInfo> = fc.record({
      identities: fc.array(
        fc.tuple(text, text, optional("name")).map(([category, type, name]) => ({ category, type, ...name })),
        { maxLength: 3 },
      ),
      features: fc.uniqueArray(text, { maxLength: 5 }),
      forms: fc.array(fc.record({ formType: text, fields: fc.array(field, { maxLength: 3 }) }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(infos, (info) => {
        expect(discoInfoOf(parse(`<iq>${discoInfoToXml(info, undefined)}</iq>`))).toEqual(info);
      }),
    );
  });
});

describe("an error", () => {
  it("comes back from XML as it was", () => {
    const error: PubsubError = {
      kind: "error",
      condition: "not-acceptable",
      pubsub: "invalid-subid",
      text: "No & <no>.",
    };
    expect(errorOf(parse(`<iq>${errorToXml(error)}</iq>`))).toEqual({
      condition: "not-acceptable",
      pubsub: "invalid-subid",
      text: "No & <no>.",
    });
  });

  it("names the feature that is missing (XEP-0060 §6.1.3.10)", () => {
    const xml = errorToXml({
      kind: "error",
      condition: "feature-not-implemented",
      pubsub: "unsupported",
      feature: "create-nodes",
    });
    expect(parse(xml).getChild("unsupported", NS.pubsubErrors)?.attrs["feature"]).toBe("create-nodes");
    expect(parse(xml).attrs["type"]).toBe("cancel");
  });
});
