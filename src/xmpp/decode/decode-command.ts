import type { XmlElement } from "../../atom/xml-element.ts";
import { bareOf } from "../../core/jid.ts";
import { adHocCommand } from "../../hub/chat/ad-hoc.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import { NS } from "../namespaces.ts";
import { submittedForm, valueIn } from "./decode-form.ts";
import { type Addressed, type DecodeContext, type Incoming, refused, request } from "./incoming.ts";

/** The one ad-hoc command of XEP-0060 (§8.7). */
export const GET_PENDING = "http://jabber.org/protocol/pubsub#get-pending";

/** LIMIT: the longest session id somebody else names. */
const SESSION_LENGTH_MAX = 200;

/** Reads a step of an ad-hoc command (XEP-0050). Of {@link GET_PENDING} nothing is kept between its steps. */
export function decodeCommand(command: XmlElement, { to }: Addressed, context: DecodeContext): Incoming {
  if (command.getName() !== "command") return refused("bad-request");
  const ours = adHocCommand(command.attrs["node"] ?? "");
  if (ours !== undefined) return decodeAdHoc(command, ours.node);
  if (command.attrs["node"] !== GET_PENDING) return refused("item-not-found"); // XEP-0050 §4.4
  const service = bareOf(to);
  const session = command.attrs["sessionid"]?.slice(0, SESSION_LENGTH_MAX) ?? context.newItemId();
  const asked = { kind: "pending", service, session } as const;
  const action = command.attrs["action"] ?? "execute";
  if (action === "cancel") return { kind: "command-cancelled", node: GET_PENDING, session };
  if (!["execute", "next", "complete"].includes(action)) return refused("bad-request");
  const form = submittedForm(command);
  if (form === undefined) return request(asked);
  if (form.cancelled) return { kind: "command-cancelled", node: GET_PENDING, session };
  const node = parseNodeId(valueIn(form, "pubsub#node") ?? "");
  return isRefusal(node) ? refused("item-not-found") : request({ ...asked, node });
}

const ACTIONS = ["execute", "next", "prev", "complete", "cancel"] as const;

function decodeAdHoc(command: XmlElement, node: string): Incoming {
  const action = ACTIONS.find((each) => each === (command.attrs["action"] ?? "execute"));
  const session = command.attrs["sessionid"];
  if (action === undefined) return badCommand("malformed-action");
  if (session !== undefined && session.length > SESSION_LENGTH_MAX) return badCommand("bad-sessionid");
  const form = submittedForm(command) ?? (command.getChild("x", NS.dataForms) === undefined ? undefined : "unreadable");
  return {
    kind: "ad-hoc",
    step: {
      node,
      action,
      ...(session === undefined ? {} : { session }),
      ...(form === undefined ? {} : { form }),
    },
  };
}

function badCommand(command: NonNullable<PubsubError["command"]>): Incoming {
  return { kind: "refused", error: { kind: "error", condition: "bad-request", command } };
}
