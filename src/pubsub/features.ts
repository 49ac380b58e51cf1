import { DECIDERS } from "./decide.ts";
import type { PubsubRequest } from "./request.ts";

const PUBSUB = "http://jabber.org/protocol/pubsub";

/** The features (XEP-0060 §10) that come with handling each kind of request. */
const FEATURES_OF: Readonly<Record<PubsubRequest["kind"], readonly string[]>> = {
  // COMPAT: `subscribe` and `publish` are no longer required since XEP-0060 1.29, but clients look for them.
  subscribe: [`${PUBSUB}#subscribe`, `${PUBSUB}#access-open`],
  unsubscribe: [],
  subscriptions: [`${PUBSUB}#retrieve-subscriptions`],
  affiliations: [`${PUBSUB}#retrieve-affiliations`, `${PUBSUB}#publisher-affiliation`, `${PUBSUB}#outcast-affiliation`],
  items: [
    `${PUBSUB}#retrieve-items`,
    `${PUBSUB}#persistent-items`,
    `${PUBSUB}#rsm`,
    "http://jabber.org/protocol/rsm",
    // XEP-0413 §5: the protocol, and what it is used with.
    "urn:xmpp:order-by:1",
    `urn:xmpp:order-by:1@${PUBSUB}`,
  ],
  publish: [`${PUBSUB}#publish`, `${PUBSUB}#item-ids`],
  retract: [`${PUBSUB}#retract-items`, `${PUBSUB}#delete-items`],
};

/** What disco#info advertises: exactly what is handled. */
export const PUBSUB_FEATURES: readonly string[] = [
  "http://jabber.org/protocol/disco#info",
  "http://jabber.org/protocol/disco#items",
  PUBSUB,
  `${PUBSUB}#meta-data`,
  ...(Object.keys(DECIDERS) as readonly PubsubRequest["kind"][]).flatMap((kind) => FEATURES_OF[kind]),
];
