import type { XmlElement } from "../../atom/xml-element.ts";
import type { SubmittedForm } from "../../pubsub/settings/form.ts";
import { NS } from "../namespaces.ts";

/** LIMIT: fields read of one form, values of one field; a form with more is not read. */
const FIELDS_MAX = 200;
const VALUES_MAX = 500;

/** FORM_TYPE (XEP-0068), as a field of its own. */
const FORM_TYPE = "FORM_TYPE";

/** The form inside an element that was filled in (XEP-0004 §3.1); undefined when there is none that can be read. */
export function submittedForm(parent: XmlElement): SubmittedForm | undefined {
  const form = parent.getChild("x", NS.dataForms);
  if (form === undefined) return undefined;
  const type = form.attrs["type"];
  if (type !== "submit" && type !== "cancel") return undefined;
  const rows = form.getChildren("field", NS.dataForms);
  if (rows.length > FIELDS_MAX) return undefined;
  const fields = rows.map((field) => ({
    name: field.attrs["var"] ?? "",
    values: field.getChildren("value", NS.dataForms).map((value) => value.getText()),
  }));
  if (fields.some(({ values }) => values.length > VALUES_MAX)) return undefined;
  const formType = fields.find(({ name }) => name === FORM_TYPE)?.values[0];
  return {
    cancelled: type === "cancel",
    ...(formType === undefined ? {} : { formType }),
    fields: fields.filter(({ name }) => name !== FORM_TYPE),
  };
}

/** The one value of a field; undefined when it is not there or has several. */
export function valueIn(form: SubmittedForm, name: string): string | undefined {
  const values = form.fields.find((field) => field.name === name)?.values;
  return values?.length === 1 ? values[0] : undefined;
}
