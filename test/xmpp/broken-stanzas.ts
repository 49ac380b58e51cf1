import { clone } from "ltx";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { example, namesOf, parse } from "../pubsub/example-service.ts";

/** A person, and who is written to; the examples' own addresses are made these. */
export const SENDER = "hamlet@denmark.lit";
const ATOM =
  "<entry xmlns='http://www.w3.org/2005/Atom'><title>T</title><updated>2026-01-01T00:00:00Z</updated></entry>";

/** What a hub reads beside what the examples of the specifications show. */
const MORE = [
  "<iq type='result' id='r1'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='a' type='b'/></query></iq>",
  "<iq type='error' id='r2'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
  `<message type='headline' id='m1'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:microblog:0'><item id='abcdef' publisher='${SENDER}'>${ATOM}</item><retract id='abcdeg'/></items></event><request xmlns='urn:xmpp:receipts'/></message>`,
  "<message type='headline' id='m2'><event xmlns='http://jabber.org/protocol/pubsub#event'><purge node='n'/></event></message>",
  "<message id='m3'><received xmlns='urn:xmpp:receipts' id='d1'/></message>",
  "<message type='error' id='d1'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
  "<message type='chat' id='m4'><body>&gt; a\nb</body><reply xmlns='urn:xmpp:reply:0' id='x'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/></fallback></message>",
  "<presence><show>away</show><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>",
  "<presence type='subscribe' id='p1'/>",
  "<iq type='get' id='i1'><vCard xmlns='vcard-temp'/></iq>",
  "<iq type='get' id='i2'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='set' id='i3'><query xmlns='urn:xmpp:mam:2' queryid='q' node='princely_musings'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='start'><value>2026-01-01T00:00:00Z</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>a</after></set></query></iq>",
  "<iq type='get' id='i4'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='princely_musings' max_items='2'/><set xmlns='http://jabber.org/protocol/rsm'><max>10</max><before/></set><order xmlns='urn:xmpp:order-by:1' by='modification' desc='true'/></pubsub></iq>",
  "<iq type='get' id='i6'><query xmlns='http://www.w3.org/2005/09/xmpp-sparql-binding'>SELECT * { ?s ?p ?o }<asked-by xmlns='https://w3id.org/sterna#'>https://far.example/</asked-by><set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>a.1</after></set></query></iq>",
  "<iq type='set' id='i5'><command xmlns='http://jabber.org/protocol/commands' node='sterna:post' action='complete' sessionid='s'><x xmlns='jabber:x:data' type='submit'><field var='text'><value>Hello</value></field></x></command></iq>",
];

/** The elements and attributes of a stanza, without their values. */
function shapeName(element: XmlElement): string {
  const children = new Set(element.getChildElements().map(shapeName));
  const type = element.parent === null ? (element.attrs["type"] ?? "") : "";
  return `${element.getName()} ${type} ${Object.keys(element.attrs).sort().join(" ")} (${[...children].join(", ")})`;
}

const ALL = [
  ...["0060", "0163", "0277", "0472", "0059", "0050", "0030"].flatMap(namesOf).map(example),
  ...MORE,
].flatMap((xml) => {
  const root = parseXml(xml);
  if (isRefusal(root) || !["iq", "message", "presence"].includes(root.getName())) return [];
  // Whatever an answer holds, it is for who asked; one of each is below.
  const isAnswer = root.getName() === "iq" && ["result", "error"].includes(root.attrs["type"] ?? "");
  return isAnswer && !MORE.includes(xml) ? [] : [[shapeName(root), xml] as const];
});

/** What is read by a hub, or comes by mistake: one stanza of each shape. */
export const STANZAS: readonly string[] = [...new Map(ALL).values()];

const VALUES = [
  "",
  " ",
  "@",
  "a@b/c",
  "-1",
  "0",
  "max",
  "1e309",
  "99999999999999999999",
  "2026-02-31T99:99:99Z",
  "-271821-04-20T00:00:00Z",
  "!not base64!",
  "__proto__",
  "constructor",
  "&<>\"'",
  "\u202e\u0301\u{10FFFF}",
  "x".repeat(3_000),
];
const NAMES = ["item", "set", "__proto__", "x"];
const NAMESPACES = [
  "http://jabber.org/protocol/pubsub",
  "http://jabber.org/protocol/pubsub#owner",
  "jabber:x:data",
  "urn:nothing",
  "",
];
const DEPTH = 90;

/** One way to break an element, and what it is called. */
type Breaking = readonly [what: string, apply: (element: XmlElement) => void];

/** Every way to break one element of a stanza; what the stanza says of who sent it to whom stays. */
function waysToBreak({ attrs, parent, children }: XmlElement): readonly Breaking[] {
  const isLeaf = children.every((child) => typeof child === "string");
  const own = Object.keys(attrs).filter(
    (name) => name !== "xmlns" && !(parent === null && ["from", "to"].includes(name)),
  );
  return [
    ...own.flatMap((name): readonly Breaking[] => [
      [`without @${name}`, (element) => void delete element.attrs[name]],
      ...VALUES.map(
        (value): Breaking => [`@${name} = ${value.slice(0, 20)}`, (element) => void (element.attrs[name] = value)],
      ),
    ]),
    ...(isLeaf ? VALUES : [" "]).map(
      (value): Breaking => [`text ${value.slice(0, 20)}`, (element) => void (element.children = [value])],
    ),
    ...NAMES.map((name): Breaking => [`named ${name}`, (element) => void (element.name = name)]),
    ...NAMESPACES.map((ns): Breaking => [`in "${ns}"`, (element) => void (element.attrs["xmlns"] = ns)]),
    ["empty", (element) => void (element.children = [])],
    ["all in it twice", (element) => void element.children.push(...element.children)],
    [
      "all in it 300 times",
      (element) =>
        void (element.children = Array.from({ length: 300 }, () => element.children)
          .flat()
          .slice(0, 3_000)),
    ],
    [
      "something else in it",
      (element) => void element.children.unshift(parse("<odd xmlns='urn:odd' id='i' node='n'/>")),
    ],
    [
      "its own name in it",
      (element) => void element.children.unshift(parse(`<${element.name} xmlns='${element.getNS() ?? ""}'/>`)),
    ],
    ["deep", (element) => void (element.children = [parse(`${"<d>".repeat(DEPTH)}${"</d>".repeat(DEPTH)}`)])],
    [
      "too deep",
      (element) => void (element.children = [parse(`${"<d>".repeat(99)}${"</d>".repeat(99)}`), parse("<e><f/></e>")]),
    ],
    ...(parent === null
      ? []
      : ([
          ["alone left out", (element) => void element.parent?.children.splice(0)],
          ["twice", (element) => void element.parent?.children.push(element)],
        ] satisfies readonly Breaking[])),
  ];
}

/** Of children with the same name, two are broken: the others are read as the second is. */
function everyElement(element: XmlElement): readonly XmlElement[] {
  const byName = Map.groupBy(element.getChildElements(), (child) => child.getName());
  return [element, ...[...byName.values()].flatMap((same) => same.slice(0, 2)).flatMap(everyElement)];
}

/** A stanza as it is, then broken in each way at each place, with what was done; each time a stanza of its own. */
export function* brokenStanzas(xml: string, to: string): Generator<readonly [what: string, stanza: XmlElement]> {
  const whole = parse(xml);
  Object.assign(whole.attrs, { from: `${SENDER}/x`, to });
  yield ["as it is", clone(whole)];
  for (const [at, element] of everyElement(whole).entries()) {
    for (const [what, apply] of waysToBreak(element)) {
      const root: XmlElement = clone(whole);
      const place = everyElement(root)[at];
      if (place === undefined) continue;
      apply(place);
      yield [`${element.name} ${what}`, root];
    }
  }
}
