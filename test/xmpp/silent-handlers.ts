import type { XmppHandlers } from "../../src/xmpp/handlers.ts";

/** The hub's side where nothing happens: every question has an answer, everything else is taken in silence. */
export const SILENT_HANDLERS: XmppHandlers = {
  handlePubsub: async () => ({ kind: "done" }),
  receiveEvent: async () => undefined,
  runAdHoc: async () => ({ kind: "cancelled", session: "s" }),
  receiveChat: async () => true,
  receiveReceipt: () => undefined,
  receiveBounce: () => undefined,
  describeService: () => ({ identities: [], features: [], forms: [] }),
  listServiceItems: () => ({ items: [], firstIndex: 0, count: 0 }),
  answerSparql: async () => ({ kind: "boolean", value: true }),
  receivePresence: async () => undefined,
  vcard: () => undefined,
};
