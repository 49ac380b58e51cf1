import { escapeText } from "../../atom/xml-text.ts";
import type { CommandForm } from "../../hub/chat/command-form.ts";
import type { AdHocReply, CommandNote } from "../../hub/chat/run-command.ts";
import { commandToXml } from "./encode.ts";
import { formToXml } from "./encode-form.ts";

/** What answers a step of one of the hub's own commands (XEP-0050 §3.1, §3.4, §4.3). */
export function adHocToXml(node: string, reply: AdHocReply): string {
  switch (reply.kind) {
    case "cancelled":
      return commandToXml(node, reply.session, "canceled");
    case "ended": {
      const result = reply.result === undefined ? "" : titledToXml(reply.result, "result");
      return commandToXml(node, reply.session, "completed", noteToXml(reply.note) + result);
    }
    case "stage": {
      const [first = "complete"] = reply.actions;
      // In the order of the schema.
      const rows = (["prev", "next", "complete"] as const).filter((action) => reply.actions.includes(action));
      const actions = `<actions execute="${first}">${rows.map((action) => `<${action}/>`).join("")}</actions>`;
      const inner = actions + noteToXml(reply.note) + titledToXml(reply.form, "form");
      return commandToXml(node, reply.session, "executing", inner);
    }
  }
}

function noteToXml(note: CommandNote | undefined): string {
  return note === undefined ? "" : `<note type="${note.type}">${escapeText(note.text)}</note>`;
}

function titledToXml(form: CommandForm, type: "form" | "result"): string {
  const instructions =
    form.instructions === undefined ? "" : `<instructions>${escapeText(form.instructions)}</instructions>`;
  return formToXml(form, type, `<title>${escapeText(form.title)}</title>${instructions}`);
}
