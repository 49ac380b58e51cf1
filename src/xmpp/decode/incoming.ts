import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { Jid } from "../../core/jid.ts";
import type { AdHocStep } from "../../hub/chat/run-command.ts";
import type { ChatMessage } from "../../hub/chat/talk.ts";
import type { InboundEvent, InboundPresence } from "../../hub/ports/xmpp-link.ts";
import type { SparqlQuestion } from "../../hub/queries/xmpp/answer-iq.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { PageRequest } from "../../pubsub/state.ts";

/** A stanza as what it means to a hub. */
export type Incoming =
  | { readonly kind: "pubsub"; readonly request: PubsubRequest }
  /** The same in a message, which is not answered (XEP-0060 §8.6). */
  | { readonly kind: "pubsub-message"; readonly request: PubsubRequest }
  /** A step of one of the hub's own ad-hoc commands. */
  | { readonly kind: "ad-hoc"; readonly step: AdHocStep }
  /** An ad-hoc command that is not gone on with (XEP-0050). */
  | { readonly kind: "command-cancelled"; readonly node: string; readonly session: string }
  /** A question to a node's archive (XEP-0313, XEP-0442): its items, one message each. */
  | {
      readonly kind: "archive";
      readonly queryid?: string;
      readonly request: PubsubRequest & { readonly kind: "items" };
    }
  /** What can be asked of an archive. */
  | { readonly kind: "archive-form" }
  | { readonly kind: "disco-info"; readonly node?: string }
  | { readonly kind: "disco-items"; readonly node?: string; readonly page: PageRequest }
  /** SPARQL in an IQ. */
  | { readonly kind: "sparql"; readonly question: SparqlQuestion }
  | { readonly kind: "vcard" }
  | { readonly kind: "vcard4" }
  | { readonly kind: "ping" }
  /** A request that cannot be read or is not handled, and what to answer. */
  | { readonly kind: "refused"; readonly error: PubsubError }
  /** The answer to a request of ours. */
  | { readonly kind: "answer"; readonly id: string }
  | { readonly kind: "event"; readonly event: InboundEvent }
  | { readonly kind: "receipt"; readonly id: string }
  | { readonly kind: "bounce"; readonly id: string; readonly condition: string }
  /** A person talks to us; `receiptWanted` is the stanza's id, when a receipt is asked for (XEP-0184). */
  | { readonly kind: "chat"; readonly message: ChatMessage; readonly receiptWanted?: string }
  | { readonly kind: "presence"; readonly presence: InboundPresence }
  | { readonly kind: "ignored"; readonly why: string };

/** What decoding needs from outside: the time, and an id for items that come without one. */
export interface DecodeContext {
  readonly now: Instant;
  readonly newItemId: () => ItemId;
}

/** A stanza with who sent it and to whom, both prepared. */
export interface Addressed {
  readonly from: Jid;
  readonly to: Jid;
}

/** A stanza that cannot be read or is not handled, and what to answer. */
export function refused(condition: PubsubError["condition"], pubsub?: string, feature?: string): Incoming {
  const named = pubsub === undefined ? {} : { pubsub };
  return {
    kind: "refused",
    error: { kind: "error", condition, ...named, ...(feature === undefined ? {} : { feature }) },
  };
}

/** A PubSub request that was read. */
export function request(wanted: PubsubRequest): Incoming {
  return { kind: "pubsub", request: wanted };
}
