import { parseInstant } from "../../core/instant.ts";
import { parseBareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";

/** LIMIT: characters of one text field, values of one field that takes several, characters of each of these. */
const TEXT_LENGTH_MAX = 2_000;
const VALUES_MAX = 100;
const VALUE_LENGTH_MAX = 200;

/** A data form (XEP-0004) as values, to be filled in or to be read. */
export interface Form {
  readonly formType: string;
  readonly fields: readonly FormField[];
}

/** One field of a {@link Form}. `options` are the values of a list to choose from. */
export interface FormField {
  readonly name: string;
  readonly type?: string;
  readonly label?: string;
  readonly options?: readonly string[];
  readonly required?: true;
  readonly values: readonly string[];
}

/** A form that somebody else filled in; `cancelled` when it was sent back without. */
export interface SubmittedForm {
  readonly cancelled: boolean;
  /** The FORM_TYPE (XEP-0068), when there is one. */
  readonly formType?: string;
  readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** What a setting may be; undefined is "not set". */
export type SettingValue = boolean | number | string | readonly string[] | undefined;

/** How the value of one kind of field is read from a form and written into one. */
export interface Kind {
  readonly type: "boolean" | "text-single" | "list-single" | "list-multi" | "jid-multi" | "text-multi";
  readonly options?: readonly string[];
  /** Undefined when the values cannot be had. */
  readonly read: (values: readonly string[]) => { readonly value: SettingValue } | undefined;
  readonly write: (value: SettingValue) => readonly string[];
}

/** A row of a table of settings: the field's name, and where its value is kept. */
export interface Setting<Key extends string> {
  readonly key: Key;
  /** Without `pubsub#`. */
  readonly name: string;
  readonly label: string;
  readonly kind: Kind;
  /** What holds where nothing is set. */
  readonly fallback?: SettingValue;
}

/** Yes or no (XEP-0004 §3.3: `1`, `true`, `0`, `false`). */
export const FLAG: Kind = {
  type: "boolean",
  read: ([value, more]) =>
    more === undefined && value !== undefined && /^(0|1|true|false)$/.test(value)
      ? { value: value === "1" || value === "true" }
      : undefined,
  write: (value) => [value === true ? "1" : "0"],
};

/** A text of one line or several; empty is not set. LIMIT: 2,000 characters. */
export const TEXT: Kind = {
  type: "text-single",
  read: ([value = "", more]) => {
    if (more !== undefined || value.length > TEXT_LENGTH_MAX || /[^\P{Cc}\t\n\r]/u.test(value)) return undefined;
    return { value: value === "" ? undefined : value };
  },
  write: (value) => (typeof value === "string" ? [value] : []),
};

/** One of a closed list. */
export function choice(options: readonly string[]): Kind {
  return {
    type: "list-single",
    options,
    read: ([value, more]) =>
      more === undefined && value !== undefined && options.includes(value) ? { value } : undefined,
    write: TEXT.write,
  };
}

/** Several of a closed list. */
export function choices(options: readonly string[]): Kind {
  return {
    type: "list-multi",
    options,
    read: (values) =>
      values.every((value) => options.includes(value))
        ? { value: options.filter((option) => values.includes(option)) }
        : undefined,
    write: (value) => (Array.isArray(value) ? (value as readonly string[]) : []),
  };
}

/**
 * A whole number from `min` to `max`; `max` as a word, and nothing, mean no bound.
 * COMPAT: older Libervia writes `-1` where it means no bound.
 */
export function count(min: number, max: number): Kind {
  return {
    type: "text-single",
    read: ([value = "", more]) => {
      if (more !== undefined) return undefined;
      if (["", "max", "-1"].includes(value)) return { value: undefined };
      if (!/^\d{1,12}$/.test(value)) return undefined;
      const number = Number(value);
      return number >= min && number <= max ? { value: number } : undefined;
    },
    write: (value) => [typeof value === "number" ? String(value) : "max"],
  };
}

/** A point in time (XEP-0082); nothing is not set. */
export const TIME: Kind = {
  type: "text-single",
  read: ([value = "", more]) => {
    if (more !== undefined) return undefined;
    if (value === "") return { value: undefined };
    const time = parseInstant(value);
    return isRefusal(time) ? undefined : { value: time };
  },
  write: TEXT.write,
};

/** Texts, each once. LIMIT: 100, of 200 characters each. */
export const TEXTS: Kind = {
  type: "text-multi",
  read: (values) => {
    const given = [...new Set(values.filter((value) => value !== ""))];
    if (given.length > VALUES_MAX || given.some((value) => value.length > VALUE_LENGTH_MAX || /\p{Cc}/u.test(value))) {
      return undefined;
    }
    return { value: given.length === 0 ? undefined : given };
  },
  write: (value) => (Array.isArray(value) ? (value as readonly string[]) : []),
};

/** Bare JIDs, prepared. LIMIT: 100. */
export const JIDS: Kind = {
  type: "jid-multi",
  read: (values) => {
    const jids = values.filter((value) => value !== "").map(parseBareJid);
    if (jids.length > VALUES_MAX || jids.some(isRefusal)) return undefined;
    return { value: jids.length === 0 ? undefined : [...new Set(jids as readonly string[])] };
  },
  write: TEXTS.write,
};

/** What holds of one setting: what is set, else its fallback. */
export function valueOf<Key extends string>(
  settings: Readonly<Partial<Record<Key, SettingValue>>>,
  { key, fallback }: Setting<Key>,
): SettingValue {
  return settings[key] ?? fallback;
}

/** Settings as a form: `fill` with types, labels and options to choose from, else names and values alone. */
export function formOf<Key extends string>(
  formType: string,
  table: readonly Setting<Key>[],
  settings: Readonly<Partial<Record<Key, SettingValue>>>,
  fill: boolean,
): Form {
  const fields = table.map((setting): FormField => {
    const { name, label, kind } = setting;
    const values = kind.write(valueOf(settings, setting));
    if (!fill) return { name: `pubsub#${name}`, values };
    const options = kind.options === undefined ? {} : { options: kind.options };
    return { name: `pubsub#${name}`, type: kind.type, label, ...options, values };
  });
  return { formType, fields: fill ? fields : fields.filter(({ values }) => values.length > 0) };
}
