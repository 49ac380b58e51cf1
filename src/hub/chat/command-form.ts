import { parseJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Form, FormField, SubmittedForm } from "../../pubsub/settings/form.ts";

/** LIMIT: characters of one line, of one text, and lines of a text. */
const LINE_LENGTH_MAX = 2_000;
const TEXT_LENGTH_MAX = 20_000;

/** A form of a command (XEP-0004): what its fields are for stands above them. */
export interface CommandForm extends Form {
  readonly title: string;
  readonly instructions?: string;
  readonly fields: readonly CommandField[];
}

/** A field of a command's form; `required` ones must have a value. */
export interface CommandField extends FormField {
  readonly type: "text-single" | "text-multi" | "text-private" | "list-single" | "jid-single" | "jid-multi" | "fixed";
  readonly required?: true;
}

/** What was filled in, by the names of fields. */
export type CommandValues = ReadonlyMap<string, readonly string[]>;

/** The one value of a field, or its lines as one text; empty when nothing was filled in. */
export function valueOf(values: CommandValues, name: string): string {
  return values.get(name)?.join("\n") ?? "";
}

/**
 * Reads what was filled in by the types of the form's fields (XEP-0004 §3.3); what the form does not ask for is passed
 * over. Refuses with `invalid` and `too-large`, naming the field.
 */
export function readCommandForm(form: CommandForm, filled: SubmittedForm): CommandValues | Refusal {
  if (filled.formType !== undefined && filled.formType !== form.formType) {
    return refuse("invalid", `Expected the form ${form.formType}, but got ${filled.formType.slice(0, 80)}.`);
  }
  const values = new Map<string, readonly string[]>();
  for (const field of form.fields) {
    if (field.type === "fixed") continue;
    const given = filled.fields.find(({ name }) => name === field.name)?.values ?? [];
    const no = whyNot(field, given);
    if (no !== undefined) return no;
    values.set(field.name, given);
  }
  return values;
}

function whyNot(field: CommandField, values: readonly string[]): Refusal | undefined {
  const label = `"${field.label ?? field.name}"`;
  if (field.required === true && values.join("").trim() === "") {
    return refuse("invalid", `Expected a value for ${label}, but it is empty.`);
  }
  const several = field.type.endsWith("-multi");
  if (values.length > 1 && !several) {
    return refuse("invalid", `Expected one value for ${label}, but got ${values.length}.`);
  }
  const length_max = several ? TEXT_LENGTH_MAX : LINE_LENGTH_MAX;
  const length = values.join("\n").length;
  if (length > length_max) {
    return refuse("too-large", `Expected at most ${length_max} characters for ${label}, but got ${length}.`);
  }
  const wrong = values.find((value) => value !== "" && !fits(field, value));
  if (wrong === undefined) return undefined;
  const wanted = field.options === undefined ? "a JID" : `one of ${field.options.join(", ")}`;
  return refuse("invalid", `Expected ${wanted} for ${label}, but got "${wrong.slice(0, 80)}".`);
}

function fits({ type, options }: CommandField, value: string): boolean {
  if (type === "jid-single" || type === "jid-multi") return !isRefusal(parseJid(value));
  return type !== "list-single" || options === undefined || options.includes(value);
}
