import type { Jid } from "../../core/jid.ts";
import type { PubsubReply } from "../../pubsub/reply.ts";
import { attributes } from "../attributes.ts";
import type { Incoming } from "../decode/incoming.ts";
import { NS } from "../namespaces.ts";
import { fitting, pageToXml } from "./encode.ts";
import { eventToXml } from "./encode-event.ts";
import { formToXml } from "./encode-form.ts";

/** What can be asked of an archive (XEP-0313 §4.1.5). */
export const ARCHIVE_FORM: string = `<query xmlns="${NS.mam}">${formToXml(
  {
    formType: NS.mam,
    fields: [
      { name: "start", type: "text-single", values: [] },
      { name: "end", type: "text-single", values: [] },
    ],
  },
  "form",
)}</query>`;

/** What an archive holds: a message for each item, as its subscribers were told (XEP-0442 §3), and the end of them. */
export function archiveToXml(
  { node, page: found }: PubsubReply & { readonly kind: "items" },
  { queryid, request }: Incoming & { readonly kind: "archive" },
  addresses: { readonly from: Jid; readonly to: Jid },
): { readonly messages: readonly string[]; readonly fin: string } {
  const { page: asked } = request;
  const { page } = fitting(found, asked.before !== undefined && asked.after === undefined);
  const messages = page.items.map(({ id, publisher, payload, updated }) => {
    const event = eventToXml({ node, event: { kind: "items", id, publisher, payload } });
    const delay = `<delay xmlns="${NS.delay}"${attributes({ stamp: updated })}/>`;
    const forwarded = `<forwarded xmlns="${NS.forward}">${delay}<message xmlns="jabber:client">${event}</message></forwarded>`;
    return `<message${attributes(addresses)}><result xmlns="${NS.mam}"${attributes({ queryid, id })}>${forwarded}</result></message>`;
  });
  const complete = found.complete && page.items.length === found.items.length ? "true" : undefined;
  const ids = page.items.map(({ id }) => id);
  const set = pageToXml(ids, page.firstIndex, page.count);
  return { messages, fin: `<fin xmlns="${NS.mam}"${attributes({ complete })}>${set}</fin>` };
}
