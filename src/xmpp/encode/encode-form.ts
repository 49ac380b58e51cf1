import { escapeText } from "../../atom/xml-text.ts";
import type { Form } from "../../pubsub/settings/form.ts";
import { attributes } from "../attributes.ts";
import { NS } from "../namespaces.ts";

/** A data form (XEP-0004): to be filled in, or as the result of what is. `words` is what stands before its fields. */
export function formToXml({ formType, fields }: Form, type: "form" | "result", words = ""): string {
  const rows = fields.map(({ name, type: kind, label, options = [], values, required }) => {
    const choices = options.map((option) => `<option>${valueToXml(option)}</option>`).join("");
    const must = required === true && type === "form" ? "<required/>" : "";
    const inner = must + choices + values.map(valueToXml).join("");
    return `<field${attributes({ var: name, type: kind, label })}>${inner}</field>`;
  });
  const kind = `<field var="FORM_TYPE" type="hidden">${valueToXml(formType)}</field>`;
  return `<x xmlns="${NS.dataForms}" type="${type}">${words}${kind}${rows.join("")}</x>`;
}

function valueToXml(value: string): string {
  return `<value>${escapeText(value)}</value>`;
}
