import type { BareJid } from "../../src/core/jid.ts";
import type { NodeConfig, NodeId } from "../../src/pubsub/state.ts";
import { bernardo, francisco, hamlet, musings, Shakespeare, SOLILOQUY, service } from "./example-service.ts";

// Chapters 5 to 8 of XEP-0060 as a table. Names are the beginning of an example's section and caption. Where ours says
// more or less than the example, `without` names what is left out of the comparison, and a comment says why.

interface Row {
  readonly request: string;
  readonly state: () => Shakespeare;
  /** What is changed about the request: the example has none of its own. */
  readonly change?: (xml: string) => string;
  readonly without?: readonly string[];
}

/** A request and its answer. */
export interface AnswerRow extends Row {
  readonly answer: string;
}

/** A request and what is told because of it. */
export interface ToldRow extends Row {
  readonly told: string;
}

const plain = (): Shakespeare => new Shakespeare();
const empty = (): Shakespeare => Shakespeare.empty();
const like = (config: Partial<NodeConfig>) => (): Shakespeare => new Shakespeare(config);
const outcast = (): Shakespeare => plain().affiliate(francisco, "outcast");
/** Where somebody else owns the node. */
const notHis = (): Shakespeare => plain().affiliate(bernardo, "owner").affiliate(hamlet, "none");
const another = (xml: string): string => xml.replace("jid='francisco@denmark.lit'", "jid='bard@shakespeare.lit'");
const subid3 = (xml: string): string =>
  xml.replace("jid='francisco@denmark.lit'", "jid='francisco@denmark.lit' subid='3'");
const twice = (): Shakespeare => plain().subscribe(francisco, { subid: "1" }).subscribe(francisco, { subid: "2" });
const bard = "bard@shakespeare.lit" as BareJid;
const horatio = "horatio@denmark.lit" as BareJid;
const polonius = "polonius@denmark.lit" as BareJid;
const waiting = (): Shakespeare =>
  new Shakespeare({ accessModel: "authorize" }).subscribe(horatio, { subid: "123-abc", state: "pending" });
/** The examples sometimes answer a bare JID, or nobody at all; sometimes who asked is a little different. */
const TO = ["@to"];
/** The answer belongs to another request of the same shape. */
const ID = ["@id"];
/** Sender and receiver of these errors stand the wrong way round. */
const TURNED = ["@from", "@to", "@id"];

const SUBSCRIBE = "subscriber-subscribe-request: ";
const UNSUBSCRIBE = "subscriber-unsubscribe-request: ";
const OPTIONS = "subscriber-configure-request: ";
const SET_OPTIONS = "subscriber-configure-submit: ";
const ALL_ITEMS = "subscriber-retrieve-requestall: ";
const PUBLISH = "publisher-publish-request: Publisher publishes an item with an ItemID";
const PUBLISH_NEW = "publisher-publish-request: Publisher publishes an item without an ItemID";
const RETRACT = "publisher-delete-request: ";
const CREATE = "owner-create-general: Request to create a node";
const CONFIGURE = "owner-configure-request: ";
const SUBMIT = "owner-configure-submit: Owner submits";
const DELETE = "owner-delete-request: Owner deletes a node";
const REDIRECT = "owner-delete-request: Owner deletes a node with redirection";
const PURGE = "owner-purge-request: ";
const PENDING = "owner-subreq-request: ";
const PENDING_OF = "owner-subreq-pernode: Owner";
const SUBSCRIPTIONS = "owner-subscriptions-retrieve-request: ";
const AFFILIATIONS = "owner-affiliations-retrieve-request: ";

const row = (
  request: string,
  answer: string,
  state: () => Shakespeare,
  without: readonly string[] = [],
  change?: (xml: string) => string,
): AnswerRow => ({ request, answer, state, without, ...(change === undefined ? {} : { change }) });

const affiliated = (): Shakespeare => {
  const asked = plain();
  const all = { node1: "owner", node2: "publisher", node5: "outcast", node6: "owner" } as const;
  for (const [id, own] of Object.entries(all)) asked.node(id as NodeId).affiliate(francisco, own, id as NodeId);
  return asked;
};
const subscribed = (): Shakespeare => {
  const asked = plain();
  for (const id of ["node1", "node2", "node5", "node6"] as NodeId[]) asked.node(id);
  for (const node of ["node1", "node2", "node5"] as NodeId[]) asked.subscribe(francisco, { node });
  for (const subid of ["123-abc", "004-yyy"]) asked.subscribe(francisco, { node: "node6" as NodeId, subid });
  return asked;
};
const TWO_SENT = "0060 subscriber-retrieve-requestrecent: Service returns two";
const ALL_SENT = "0060 subscriber-retrieve-returnall: ";
const SOME_SENT = "0060 subscriber-retrieve-returnsome: ";
const BY_ID_SENT = "0060 subscriber-retrieve-returnnotify: Service sends";

/** Chapter 5. */
const ENTITY: readonly AnswerRow[] = [
  // `unconfigured` is no state here, the subid is always told, and the order is ours.
  row(
    "entity-subscriptions: Entity requests all current",
    "entity-subscriptions: Service returns all current subscriptions",
    subscribed,
    ["@to", "@subid", "@subscription"],
  ),
  row("entity-subscriptions: Entity requests all current", "entity-subscriptions: No", plain),
  row("entity-affiliations: Entity requests all", "entity-affiliations: Service replies with all", affiliated, TO),
  row("entity-affiliations: Entity requests all", "entity-affiliations: No affiliations", plain),
  row(
    "entity-affiliations: Entity requests affiliation at",
    "entity-affiliations: Service replies with current",
    affiliated,
    TO,
  ),
];

/** Chapter 6. */
const SUBSCRIBER: readonly AnswerRow[] = [
  row(SUBSCRIBE, "subscriber-subscribe-success: ", plain),
  row(SUBSCRIBE, "subscriber-subscribe-error-nomatch: ", plain, [], another),
  row(SUBSCRIBE, "subscriber-subscribe-error-presence: ", like({ accessModel: "presence" })),
  row(SUBSCRIBE, "subscriber-subscribe-error-rostergroup: ", like({ accessModel: "roster" })),
  row(SUBSCRIBE, "subscriber-subscribe-error-whitelist: ", like({ accessModel: "whitelist" })),
  row(SUBSCRIBE, "subscriber-subscribe-error-pending: ", () =>
    new Shakespeare({ accessModel: "authorize" }).subscribe(francisco, { state: "pending" }),
  ),
  row(SUBSCRIBE, "subscriber-subscribe-error-blocked: ", outcast),
  row(SUBSCRIBE, "subscriber-subscribe-error-toomany: ", () => {
    const asked = plain();
    for (let n = 0; n < 20; n++) asked.subscribe(`francisco@denmark.lit/${n}` as BareJid);
    return asked;
  }),
  row(SUBSCRIBE, "subscriber-subscribe-error-unsupported: ", like({ subscribe: false })),
  row(SUBSCRIBE, "subscriber-subscribe-error-redirect: ", () => {
    const asked = plain();
    const redirect = "xmpp:pubsub.shakespeare.lit?;node=some-other-node";
    asked.state.apply({ kind: "node-removed", service, node: musings, redirect });
    return asked;
  }),
  row(SUBSCRIBE, "subscriber-subscribe-error-node: ", empty),
  // Ours tells the subid of a request, too.
  row(SUBSCRIBE, "subscriber-subscribe-approval: ", like({ accessModel: "authorize" }), ["@subid"]),
  row(UNSUBSCRIBE, "subscriber-unsubscribe-success: ", () =>
    plain().subscribe(francisco, { subid: "ba49252aaa4f5d320c24d3766f0bdcade78c78d3" }),
  ),
  row(UNSUBSCRIBE, "subscriber-unsubscribe-error-nosubid: ", twice),
  row(UNSUBSCRIBE, "subscriber-unsubscribe-error-nosub: ", plain),
  row(UNSUBSCRIBE, "subscriber-unsubscribe-error-forbidden: ", plain, [], another),
  row(UNSUBSCRIBE, "subscriber-unsubscribe-error-node: ", empty),
  row(UNSUBSCRIBE, "subscriber-unsubscribe-error-badsubid: ", () => plain().subscribe(francisco), [], subid3),
  row(OPTIONS, "subscriber-configure-success: ", () => plain().subscribe(francisco)),
  row(OPTIONS, "subscriber-configure-error-forbidden: ", plain, ID, another),
  row(OPTIONS, "subscriber-configure-error-nosub: ", plain),
  row(OPTIONS, "subscriber-configure-error-jid: ", plain, [], (xml) => xml.replace(" jid='francisco@denmark.lit'", "")),
  row(OPTIONS, "subscriber-configure-error-subid: ", twice, ID),
  row(OPTIONS, "subscriber-configure-error-badsubid: ", () => plain().subscribe(francisco), ID, subid3),
  row(OPTIONS, "subscriber-configure-error-node: ", empty),
  row(SET_OPTIONS, "subscriber-configure-process-success: ", () => plain().subscribe(francisco)),
  row(
    SET_OPTIONS,
    "subscriber-configure-process-failure: ",
    () => plain().subscribe(francisco),
    ["text"],
    (xml) => xml.replace("<value>0</value>", "<value>daily</value>"),
  ),
  row("subscriber-configure-subandconfig: Entity", "subscriber-configure-subandconfig: Service", plain),
  // The example's defaults are one service's own; ours are for every presence.
  row(
    "subscriber-default-request: Entity requests default subscription configuration options",
    "subscriber-default-success: ",
    plain,
    ["value"],
  ),
  row(
    "subscriber-default-request: Entity requests default subscription configuration options (2)",
    "subscriber-default-success: ",
    plain,
    ["@id", "@node", "value"],
  ),
  row(ALL_ITEMS, "subscriber-retrieve-returnall: ", () => plain().hold(ALL_SENT), ["set", "@publisher"]),
  row(ALL_ITEMS, "subscriber-retrieve-returnsome: ", () => plain().hold(SOME_SENT), ["@publisher", "set"]),
  row(
    "subscriber-retrieve-requestrecent: Subscriber",
    "subscriber-retrieve-requestrecent: Service returns two",
    () => plain().hold(TWO_SENT),
    ["set", "@publisher"],
  ),
  row(
    "subscriber-retrieve-requestrecent: Subscriber",
    "subscriber-retrieve-requestrecent: Service returns no items",
    plain,
    ["set"],
  ),
  row(
    "subscriber-retrieve-returnnotify: Subscriber",
    "subscriber-retrieve-returnnotify: Service sends",
    () => plain().hold(BY_ID_SENT),
    ["@publisher", "@to"],
  ),
  row("subscriber-retrieve-requestone: ", "subscriber-retrieve-error-items: ", plain, ID),
  row(ALL_ITEMS, "subscriber-retrieve-error-subid: ", twice),
  row(
    ALL_ITEMS,
    "subscriber-retrieve-error-badsubid: ",
    () => plain().subscribe(francisco),
    [],
    (xml) => xml.replace("node='princely_musings'", "node='princely_musings' subid='3'"),
  ),
  row(ALL_ITEMS, "subscriber-retrieve-error-notsubscribed: ", like({ accessModel: "authorize" })),
  row(ALL_ITEMS, "subscriber-retrieve-error-persistent: ", like({ persistItems: false })),
  row(ALL_ITEMS, "subscriber-retrieve-error-presence: ", like({ accessModel: "presence" })),
  row(ALL_ITEMS, "subscriber-retrieve-error-rostergroup: ", like({ accessModel: "roster" })),
  row(ALL_ITEMS, "subscriber-retrieve-error-whitelist: ", like({ accessModel: "whitelist" })),
  row(ALL_ITEMS, "subscriber-retrieve-error-blocked: ", outcast),
  row(ALL_ITEMS, "subscriber-retrieve-error-node: ", empty),
];

const withoutItem = (xml: string): string => xml.replace(/<item [\s\S]*<\/item>/, "");
const withoutPayload = (xml: string): string => xml.replace(/<entry [\s\S]*<\/entry>/, "");

/** Chapter 7. */
const PUBLISHER: readonly AnswerRow[] = [
  // Ours names the item even where the publisher did.
  row(PUBLISH, "publisher-publish-success: Service replies with success", plain, ["item"]),
  row(PUBLISH_NEW, "publisher-publish-success: Service replies with success and the ID", plain),
  row(PUBLISH, "publisher-publish-error-forbidden: ", () => plain().affiliate(hamlet, "member"), TO),
  row(PUBLISH, "publisher-publish-error-node: ", empty, TO),
  row(
    PUBLISH,
    "publisher-publish-error-nodefull: ",
    () => new Shakespeare({ maxItems: 1, nodeFull: "reject" }).keep(SOLILOQUY),
    TO,
  ),
  row(PUBLISH, "publisher-publish-error-bigpayload: ", like({ payloadBytes_max: 100 }), TO),
  row(PUBLISH, "publisher-publish-error-badpayload: ", plain, TO, (xml) => xml.replace("</entry>", "</entry><more/>")),
  row(
    PUBLISH,
    "publisher-publish-error-badrequest: Publisher attempts to publish to persistent",
    plain,
    TO,
    withoutItem,
  ),
  row(
    PUBLISH,
    "publisher-publish-error-badrequest: Publisher attempts to publish to payload",
    plain,
    TO,
    withoutPayload,
  ),
  row(
    PUBLISH,
    "publisher-publish-error-badrequest: Publisher attempts to publish to transient",
    like({ persistItems: false, deliverPayloads: false }),
    TO,
  ),
  row(RETRACT, "publisher-delete-success: ", () => plain().keep(SOLILOQUY)),
  row(RETRACT, "publisher-delete-error-forbidden: ", () =>
    plain().affiliate(hamlet, "none").keep(SOLILOQUY, { publisher: francisco }),
  ),
  row(RETRACT, "publisher-delete-error-node: ", plain),
  row(RETRACT, "publisher-delete-error-node: ", empty),
  row(RETRACT, "publisher-delete-error-nodeid: ", plain, [], (xml) => xml.replace(" node='princely_musings'", "")),
  row(RETRACT, "publisher-delete-error-itemid: ", plain, [], (xml) => xml.replace(/<item [^>]*>/, "")),
  row(RETRACT, "publisher-delete-error-persistent: ", like({ persistItems: false })),
];

/** §8.1 to §8.5. */
const NODE_OWNER: readonly AnswerRow[] = [
  row(CREATE, "owner-create-default: Service informs", empty),
  row(CREATE, "owner-create-general: Requesting entity is prohibited", () => empty().in({ mayCreate: false })),
  row(CREATE, "owner-create-general: NodeID already exists", plain),
  row(
    "owner-create-general: Entity requests an instant node",
    "owner-create-general: Service replies with success and generated",
    () => empty().in({ subid: "25e3d37dabbab9541f7523321421edc5bfeb2dae" }),
  ),
  row("owner-create-default: Entity requests leaf node with (default)", "owner-create-default: Service informs", empty),
  row(
    "owner-create-default: Entity requests leaf node with non-default",
    "owner-create-default: Service informs",
    empty,
    ID,
  ),
  row(
    "owner-create-default: Entity requests leaf node with non-default",
    "owner-create-default: Service does not support specified",
    empty,
    ["text"],
    (xml) => xml.replace("whitelist", "closed"),
  ),
  row("owner-create-and-configure: Entity", "owner-create-and-configure: Service", empty),
  row(CONFIGURE, "owner-configure-success: ", plain),
  row(CONFIGURE, "owner-configure-error-forbidden: ", notHis),
  row(CONFIGURE, "owner-configure-error-nodeid: ", plain, TURNED, (xml) => xml.replace(" node='princely_musings'", "")),
  row(CONFIGURE, "owner-configure-error-node: ", empty),
  row(SUBMIT, "owner-configure-process-success: ", plain),
  row("owner-configure-submit: Owner cancels", "owner-configure-process-success: ", plain),
  row(SUBMIT, "owner-configure-process-failure: ", plain, ["text"], (xml) =>
    xml.replace("<value>604800</value>", "<value>soon</value>"),
  ),
  row("owner-default-request: ", "owner-default-success: ", plain),
  row(DELETE, "owner-delete-success: Service replies", plain, TO),
  row(REDIRECT, "owner-delete-success: Service replies", plain, TO),
  row(DELETE, "owner-delete-error-forbidden: ", notHis),
  row(DELETE, "owner-delete-error-node: ", empty),
  row(PURGE, "owner-purge-success: Service replies", plain, TO),
  row(PURGE, "owner-purge-error-forbidden: ", notHis, TO),
  row(PURGE, "owner-purge-error-nopersist: ", like({ persistItems: false }), TO),
  row(PURGE, "owner-purge-error-node: ", empty, TO),
];

/** §8.6 to §8.9. */
const PEOPLE_OWNER: readonly AnswerRow[] = [
  // The example names no FORM_TYPE type, shows no buttons, and repeats the action.
  row(
    PENDING,
    "owner-subreq-success: ",
    () =>
      waiting()
        .node("news_from_elsinore" as NodeId)
        .affiliate(hamlet, "owner", "news_from_elsinore" as NodeId)
        .subscribe(bard, { node: "news_from_elsinore" as NodeId, state: "pending" }),
    ["@action", "@sessionid", "actions"],
  ),
  row(PENDING, "owner-subreq-error-forbidden: ", () => waiting().affiliate(hamlet, "none"), ["@type"]),
  // The request of the example has no sender, and its answer an action in the place of a status.
  row(PENDING_OF, "owner-subreq-pernode: Service", waiting, ["@action", "@status"], from),
  row(PENDING_OF, "owner-subreq-error-node: ", empty, ID, from),
  row(PENDING_OF, "owner-subreq-error-forbidden: ", notHis, ["@id", "@type"], from),
  // `unconfigured` is no state here, the subid is always told, and the order is ours.
  row(
    SUBSCRIPTIONS,
    "owner-subscriptions-retrieve-success: ",
    () =>
      plain()
        .subscribe(hamlet)
        .subscribe(polonius)
        .subscribe(bernardo, { subid: "123-abc" })
        .subscribe(bernardo, { subid: "004-yyy" }),
    ["@subid", "@subscription", "@jid"],
  ),
  row(SUBSCRIPTIONS, "owner-subscriptions-retrieve-error-forbidden: Entity is not an owner", notHis, TO),
  row(SUBSCRIPTIONS, "owner-subscriptions-retrieve-error-node: Node does not exist", empty, TO),
  row("owner-subscriptions-modify-request: ", "owner-subscriptions-modify-success: ", plain, TO),
  row(
    "owner-subscriptions-modify-request: ",
    "owner-subscriptions-retrieve-error-forbidden: Entity is not an owner (2)",
    notHis,
    ["@to", "@id"],
  ),
  row(
    "owner-subscriptions-modify-request: ",
    "owner-subscriptions-retrieve-error-node: Node does not exist (2)",
    empty,
    TO,
  ),
  // Who is there cannot be made anything but subscribed or none; the example does not say why it failed.
  row(
    "owner-subscriptions-multi: Owner",
    "owner-subscriptions-multi: Service",
    () => plain().subscribe(polonius),
    ["@subid"],
    (xml) => xml.replace("subscription='none'", "subscription='unconfigured'"),
  ),
  row(AFFILIATIONS, "owner-affiliations-retrieve-success: ", () => plain().affiliate(polonius, "outcast")),
  row(AFFILIATIONS, "owner-affiliations-retrieve-forbidden: Entity is not an owner", notHis, TO),
  row(AFFILIATIONS, "owner-affiliations-retrieve-node: Node does not exist", empty, TO),
  row("owner-affiliations-modify-request: ", "owner-affiliations-modify-success: ", plain, TO),
  row(
    "owner-affiliations-modify-request: ",
    "owner-affiliations-retrieve-forbidden: Entity is not an owner (2)",
    notHis,
    ["@to", "@id"],
  ),
  row("owner-affiliations-modify-request: ", "owner-affiliations-retrieve-node: Node does not exist (2)", empty, [
    "@to",
    "@id",
  ]),
  row("owner-affiliations-multi: Owner", "owner-affiliations-multi: Service", plain),
];

function from(xml: string): string {
  return xml.replace("<iq ", "<iq from='hamlet@denmark.lit/elsinore' ");
}

/** Every request with an answer. */
export const ANSWERS: readonly AnswerRow[] = [...ENTITY, ...SUBSCRIBER, ...PUBLISHER, ...NODE_OWNER, ...PEOPLE_OWNER];

const audience = (...jids: readonly BareJid[]): ((config?: Partial<NodeConfig>) => Shakespeare) => {
  return (config = {}) => {
    const asked = new Shakespeare(config);
    for (const jid of jids) asked.subscribe(jid);
    return asked;
  };
};
const four = audience(francisco, bernardo, horatio, bard);
const two = audience(francisco, bernardo);
const bernardoTwice = (): Shakespeare =>
  plain().subscribe(bernardo, { subid: "123-abc" }).subscribe(bernardo, { subid: "004-yyy" }).keep(SOLILOQUY);
const franciscoTwice = (): Shakespeare =>
  new Shakespeare({ deliverPayloads: false })
    .subscribe(francisco, { subid: "123-abc" })
    .subscribe(francisco, { subid: "004-yyy" });
/** Headers may come in any order. */
const told = (
  request: string,
  message: string,
  state: () => Shakespeare,
  without: readonly string[] = [],
  change?: (xml: string) => string,
): ToldRow => ({ request, told: message, state, without, ...(change === undefined ? {} : { change }) });

/** Every request that makes the service tell somebody. */
export const TOLD: readonly ToldRow[] = [
  // When it was published is the service's to know.
  told(
    SUBSCRIBE,
    "subscriber-subscribe-last: ",
    () => new Shakespeare({ sendLast: "on_sub" }).hold("0060 subscriber-retrieve-returnlast: "),
    ["@stamp"],
  ),
  told(PUBLISH_NEW, "publisher-publish-success-withpayload: ", four),
  told(PUBLISH_NEW, "publisher-publish-success-withoutpayload: ", () => four({ deliverPayloads: false })),
  told(PUBLISH_NEW, "publisher-publish-success-subid: ", franciscoTwice, ["header"]),
  told(RETRACT, "publisher-delete-success-notify: ", () => two().keep(SOLILOQUY)),
  told(RETRACT, "publisher-delete-success-subid: ", bernardoTwice, ["header"]),
  told(
    SUBMIT,
    "owner-configure-process-notify: Service sends configuration change notification (event notification only)",
    () => audience(francisco)(),
    [],
    (xml) =>
      notifying(xml)
        .replace("deliver_payloads'><value>1", "deliver_payloads'><value>0")
        .replace("<value>roster</value>", "<value>open</value>"),
  ),
  // The example's service has another bound of its own, and does not keep what it was told to notify of.
  told(
    SUBMIT,
    "owner-configure-process-notify: Service sends configuration change notification (full payload)",
    () => audience(francisco)(),
    ["pubsub#notify_config"],
    (xml) =>
      notifying(xml)
        .replace("<value>roster</value>", "<value>open</value>")
        .replace("<value>1028</value>", "<value>9216</value>"),
  ),
  told(REDIRECT, "owner-delete-success: Subscribers are", two),
  told(PURGE, "owner-purge-success: Subscribers are", two),
  told(
    SUBSCRIBE,
    "owner-subreq: Service sends authorization",
    () => new Shakespeare({ accessModel: "authorize" }).in({ subid: "123-abc" }),
    [],
    (xml) => xml.replaceAll("francisco", "horatio"),
  ),
  // The subid is told, too.
  told("owner-subreq: Owner approves", "owner-subreq: Subscription approval", waiting, ["@subid"]),
  told("owner-subreq: Owner denies", "owner-subreq: Subscription cancellation", waiting, ["@subid"]),
  told(PENDING_OF, "owner-subreq: Service sends authorization", waiting, [], from),
  told(
    "owner-subscriptions-multi: Owner",
    "owner-subscriptions-notifysub: ",
    () => plain().subscribe(polonius).subscribe(bard),
    ["@subid"],
  ),
  // The example misspells the element's name.
  told(
    "owner-affiliations-modify-request: ",
    "owner-affiliations-notify: ",
    () => plain().affiliate(polonius, "member"),
    ["affiliation", "affilation"],
    (xml) => xml.replace("bard@shakespeare.lit", polonius).replace("affiliation='publisher'", "affiliation='none'"),
  ),
];

function notifying(xml: string): string {
  return xml.replace("notify_config'><value>0", "notify_config'><value>1");
}

const DOES = "the answer of a service that does not do this; this one does";
const COSTLESS = "nothing has to be paid for here";
const UNASKED = "no subscription has to be configured first";

/** The examples that no row has, and why. */
export const SKIPPED: ReadonlyMap<string, string> = new Map([
  ["entity-subscriptions: Subscriptions retrieval not", DOES],
  ["entity-affiliations: Affiliations retrieval not", DOES],
  ["subscriber-subscribe-error-payment: ", COSTLESS],
  ["subscriber-subscribe-error-anonymous: ", "the server of an anonymous JID does not tell that it is one"],
  [
    "subscriber-subscribe-configure: Service replies with success and indicates that subscription configuration",
    UNASKED,
  ],
  ["subscriber-subscribe-configure: Service returns error", UNASKED],
  ["subscriber-subscribe-configure: Service replies with success and indicates that subscription options", UNASKED],
  ["subscriber-configure-error-options: ", DOES],
  ["subscriber-default-error-noconfig: ", DOES],
  ["subscriber-default-error-notsupported: ", DOES],
  [
    "subscriber-retrieve-returnlast: ",
    "a service may send the last item alone; this one pages. Its item is held by a row",
  ],
  ["subscriber-retrieve-error-notsupported: ", DOES],
  ["subscriber-retrieve-error-payment: ", COSTLESS],
  [
    "publisher-publish-success-publisher: Service Notifies",
    "left out in part; that the publisher is named is tested with the encoder",
  ],
  [
    "publisher-publish-success-publisher: Service returns",
    "left out in part; that the publisher is named is tested with the encoder",
  ],
  ["publisher-publish-error-notsupported: ", DOES],
  ["publisher-delete-error-notsupported: ", DOES],
  ["owner-create-general: Service does not support node creation", DOES],
  [
    "owner-create-general: Service requires registration",
    "who may make nodes has an account here; strangers are forbidden to",
  ],
  ["owner-create-general: Service does not support instant nodes", DOES],
  ["owner-configure-error-notsupported: ", DOES],
  ["owner-configure-error-options: ", "every node can be configured"],
  ["owner-default-type-request: ", "a collection's: answered with feature-not-implemented, tested with the decoder"],
  ["owner-default-error-noconfig: ", DOES],
  ["owner-default-error-notsupported: ", DOES],
  ["owner-purge-error-notsupported: ", DOES],
  ["owner-subreq-error-adhoc: ", DOES],
  ["owner-subreq-error-getpending: ", DOES],
  ["owner-subscriptions-retrieve-error-notsupported: ", DOES],
  ["owner-subscriptions-modify-error-notsupported: ", DOES],
  ["owner-affiliations-retrieve-notsupported: Node or service does not support affiliation management", DOES],
  ["owner-affiliations-retrieve-notsupported: Node or service does not support affiliation management (2)", DOES],
  ["owner-affiliations-nosuchaffil: ", DOES],
]);
