import type { BareJid, Jid } from "../core/jid.ts";
import type { AdHocReply, AdHocStep } from "../hub/chat/run-command.ts";
import type { ChatMessage } from "../hub/chat/talk.ts";
import type { Vcard } from "../hub/people/vcard.ts";
import type { InboundEvent, InboundPresence } from "../hub/ports/xmpp-link.ts";
import type { SparqlQuestion, SparqlReply } from "../hub/queries/xmpp/answer-iq.ts";
import type { DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import type { PubsubError, PubsubReply } from "../pubsub/reply.ts";
import type { PubsubRequest } from "../pubsub/request.ts";
import type { PageRequest } from "../pubsub/state.ts";

/** The hub's side of what comes in; bound to the use cases by `wire.ts`. */
export interface XmppHandlers {
  readonly handlePubsub: (request: PubsubRequest, actor: Jid) => Promise<PubsubReply | PubsubError>;
  readonly receiveEvent: (event: InboundEvent) => Promise<void>;
  readonly runAdHoc: (step: AdHocStep, from: Jid, to: Jid) => Promise<AdHocReply | PubsubError>;
  readonly receiveChat: (message: ChatMessage) => Promise<boolean>;
  readonly receiveReceipt: (from: Jid, id: string) => void;
  readonly receiveBounce: (from: Jid, id: string, condition: string) => void;
  /** Called for whatever comes that is no error, before it is looked at. */
  readonly hear?: (from: Jid) => void;
  readonly describeService: (jid: BareJid, node: string | undefined) => DiscoInfo | PubsubError;
  readonly listServiceItems: (
    jid: BareJid,
    node: string | undefined,
    page: PageRequest,
    actor: Jid,
  ) => { readonly items: readonly DiscoItem[]; readonly firstIndex: number; readonly count: number } | PubsubError;
  readonly answerSparql: (question: SparqlQuestion, from: Jid, to: Jid) => Promise<SparqlReply | PubsubError>;
  readonly receivePresence: (presence: InboundPresence) => Promise<void>;
  readonly vcard: (jid: BareJid) => Vcard | undefined;
}
