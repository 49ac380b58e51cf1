import { expect, it } from "vitest";
import { instantOf } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid } from "../../../src/core/jid.ts";
import { decide } from "../../../src/pubsub/decide/decide.ts";
import { addressesOf, decodeStanza } from "../../../src/xmpp/decode/decode.ts";
import { ARCHIVE_FORM, archiveToXml } from "../../../src/xmpp/encode/encode-archive.ts";
import { parse, Shakespeare, service, shapeOf } from "../../pubsub/example-service.ts";

const juliet = "juliet@capulet.lit/chamber" as BareJid;

/** A question to the archive, and what is written. */
function ask(asked: Shakespeare, inner: string) {
  const query = `<query xmlns='urn:xmpp:mam:2' queryid='f28' node='princely_musings'>${inner}</query>`;
  const stanza = parse(`<iq from='${juliet}' to='${service}' type='set' id='juliet1'>${query}</iq>`);
  const addressed = addressesOf(stanza);
  if (addressed === undefined) throw new Error("no addresses");
  const incoming = decodeStanza(stanza, addressed, { now: instantOf(0), newItemId: () => "x" as ItemId });
  if (incoming.kind !== "archive") throw new Error(incoming.kind);
  const decision = decide(asked.state, incoming.request, { actor: addressed.from, now: instantOf(0), subid: "" });
  if (decision.kind === "error" || decision.reply.kind !== "items") throw new Error("refused");
  const { messages, fin } = archiveToXml(decision.reply, incoming, { from: addressed.to, to: addressed.from });
  return { messages: messages.map(parse), fin: parse(fin) };
}

const full = () => {
  const asked = new Shakespeare();
  // The later the place, the older.
  for (const place of [1, 2, 3]) asked.keep(`item-${place}` as ItemId, { payload: `<note>${place}</note>`, place });
  return asked;
};
const found = ({ messages }: ReturnType<typeof ask>) =>
  messages.map((message) => message.getChild("result", "urn:xmpp:mam:2")?.attrs["id"]);

it("tells what was published, the oldest first, each as its subscribers were told (XEP-0442 §3)", () => {
  const answer = ask(full(), "");
  expect(found(answer)).toEqual(["item-3", "item-2", "item-1"]);
  const [first] = answer.messages;
  expect(first && shapeOf(first, ["@stamp"])).toEqual(
    shapeOf(
      parse(`<message from='${service}' to='${juliet}'>
        <result xmlns='urn:xmpp:mam:2' queryid='f28' id='item-3'>
          <forwarded xmlns='urn:xmpp:forward:0'>
            <delay xmlns='urn:xmpp:delay'/>
            <message xmlns='jabber:client'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'><item id='item-3' publisher='hamlet@denmark.lit'><note>3</note></item></items>
              </event>
            </message>
          </forwarded>
        </result>
      </message>`),
    ),
  );
  expect(answer.fin.attrs).toMatchObject({ complete: "true" });
});

it("goes on after what was had, up to the end", () => {
  const page = (after: string) => ask(full(), `<set xmlns='http://jabber.org/protocol/rsm'><max>2</max>${after}</set>`);
  const first = page("");
  expect(found(first)).toEqual(["item-3", "item-2"]);
  expect(first.fin.attrs["complete"]).toBeUndefined();
  const last = first.fin.getChild("set")?.getChildText("last");
  const second = page(`<after>${last}</after>`);
  expect(found(second)).toEqual(["item-1"]);
  expect(second.fin.attrs["complete"]).toBe("true");
});

it("tells of a span of time", () => {
  const time = (place: number) => instantOf(Date.UTC(2003, 11, 13) - place);
  const between = (start: number, end: number) =>
    found(
      ask(
        full(),
        `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>
          <field var='start'><value>${time(start)}</value></field><field var='end'><value>${time(end)}</value></field></x>`,
      ),
    );
  expect(between(3, 2)).toEqual(["item-3", "item-2"]);
  expect(between(2, 2)).toEqual(["item-2"]);
  expect(between(0, 0)).toEqual([]);
});

it("says what can be asked (XEP-0313 §4.1.5)", () => {
  const fields = parse(ARCHIVE_FORM).getChild("x")?.getChildren("field") ?? [];
  expect(fields.map((field) => field.attrs["var"])).toEqual(["FORM_TYPE", "start", "end"]);
});
