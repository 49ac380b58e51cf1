import type { PubsubRequest } from "../request.ts";
import { ACCESS_MODELS, AFFILIATIONS } from "../state.ts";
import { DECIDERS } from "./decide.ts";

const PUBSUB = "http://jabber.org/protocol/pubsub";

/** The features (XEP-0060 §10) that come with handling each kind of request. */
const FEATURES_OF: Readonly<Record<PubsubRequest["kind"], readonly string[]>> = {
  // COMPAT: `subscribe` and `publish` are no longer required since XEP-0060 1.29, but clients look for them.
  subscribe: [
    `${PUBSUB}#subscribe`,
    ...ACCESS_MODELS.map((model) => `${PUBSUB}#access-${model}`),
    `${PUBSUB}#multi-subscribe`,
    `${PUBSUB}#subscription-notifications`,
  ],
  unsubscribe: [],
  options: [`${PUBSUB}#subscription-options`, `${PUBSUB}#leased-subscription`],
  "default-options": [`${PUBSUB}#retrieve-default-sub`],
  subscriptions: [`${PUBSUB}#retrieve-subscriptions`],
  affiliations: [
    `${PUBSUB}#retrieve-affiliations`,
    ...AFFILIATIONS.filter((one) => one !== "owner" && one !== "none").map((one) => `${PUBSUB}#${one}-affiliation`),
  ],
  items: [
    `${PUBSUB}#retrieve-items`,
    `${PUBSUB}#persistent-items`,
    `${PUBSUB}#rsm`,
    "http://jabber.org/protocol/rsm",
    // XEP-0413 §5: the protocol, and what it is used with.
    "urn:xmpp:order-by:1",
    `urn:xmpp:order-by:1@${PUBSUB}`,
  ],
  publish: [
    `${PUBSUB}#publish`,
    `${PUBSUB}#item-ids`,
    `${PUBSUB}#publish-options`,
    `${PUBSUB}#publish-node-full`,
    `${PUBSUB}#config-node-max`,
  ],
  retract: [`${PUBSUB}#retract-items`, `${PUBSUB}#delete-items`],
  create: [`${PUBSUB}#create-nodes`, `${PUBSUB}#create-and-configure`, `${PUBSUB}#instant-nodes`],
  configure: [`${PUBSUB}#config-node`],
  "default-configuration": [`${PUBSUB}#retrieve-default`],
  delete: [`${PUBSUB}#delete-nodes`],
  purge: [`${PUBSUB}#purge-nodes`],
  authorize: [],
  pending: [`${PUBSUB}#get-pending`, "http://jabber.org/protocol/commands"],
  "node-subscriptions": [`${PUBSUB}#manage-subscriptions`],
  "node-affiliations": [`${PUBSUB}#modify-affiliations`],
};

/** What disco#info advertises: exactly what is handled. */
export const PUBSUB_FEATURES: readonly string[] = [
  "http://jabber.org/protocol/disco#info",
  "http://jabber.org/protocol/disco#items",
  PUBSUB,
  `${PUBSUB}#meta-data`,
  ...(Object.keys(DECIDERS) as readonly PubsubRequest["kind"][]).flatMap((kind) => FEATURES_OF[kind]),
];
