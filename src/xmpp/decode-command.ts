import type { XmlElement } from "../atom/xml-element.ts";
import { bareOf } from "../core/jid.ts";
import { type AdHocCommand, adHocCommand } from "../hub/chat/ad-hoc.ts";
import { isRefusal } from "../outcome/refusal.ts";
import { parseNodeId } from "../pubsub/configuration.ts";
import { submittedForm, valueIn } from "./decode-form.ts";
import { type Addressed, type DecodeContext, type Incoming, refused, request } from "./incoming.ts";

/** The one ad-hoc command of XEP-0060 (§8.7). */
export const GET_PENDING = "http://jabber.org/protocol/pubsub#get-pending";

/** LIMIT: the longest session id somebody else names. */
const SESSION_LENGTH_MAX = 200;

/** Reads an ad-hoc command (XEP-0050). Nothing is kept between its steps: the session's id is only handed back. */
export function decodeCommand(command: XmlElement, { to }: Addressed, context: DecodeContext): Incoming {
  if (command.getName() !== "command") return refused("bad-request");
  const ours = adHocCommand(command.attrs["node"] ?? "");
  if (ours !== undefined) return decodeAdHoc(command, ours, context);
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

function decodeAdHoc(command: XmlElement, ours: AdHocCommand, context: DecodeContext): Incoming {
  const session = command.attrs["sessionid"]?.slice(0, SESSION_LENGTH_MAX) ?? context.newItemId();
  const action = command.attrs["action"] ?? "execute";
  const form = submittedForm(command);
  if (action === "cancel" || form?.cancelled) return { kind: "command-cancelled", node: ours.node, session };
  if (!["execute", "next", "complete"].includes(action)) return refused("bad-request");
  if (form === undefined) return { kind: "ad-hoc", step: { command: ours, session } };
  // A text of several lines is a value for each (XEP-0004 §3.3).
  const text = form.fields.find(({ name }) => name === "text")?.values.join("\n") ?? "";
  return { kind: "ad-hoc", step: { command: ours, session, text } };
}
