import type { Instant } from "../../core/instant.ts";
import type { PubsubError } from "../reply.ts";
import { SHOW_VALUES, type SubscriptionOptions } from "../state.ts";
import { choices, FLAG, type Form, formOf, type Setting, type SubmittedForm, TIME } from "./form.ts";

/** FORM_TYPE of a subscription's options (XEP-0060 §16.4.2). */
export const SUBSCRIBE_OPTIONS_FORM = "http://jabber.org/protocol/pubsub#subscribe_options";

/** What a subscriber may set. */
const SETTINGS: readonly Setting<keyof SubscriptionOptions>[] = [
  { key: "deliver", name: "deliver", label: "Whether to send notifications", kind: FLAG, fallback: true },
  { key: "includeBody", name: "include_body", label: "Whether to add a text to read", kind: FLAG, fallback: false },
  {
    key: "showValues",
    name: "show-values",
    label: "The presence in which to be told",
    kind: choices(SHOW_VALUES),
    fallback: SHOW_VALUES,
  },
  { key: "expire", name: "expire", label: "When the subscription ends", kind: TIME },
];
const BY_NAME: ReadonlyMap<string, Setting<keyof SubscriptionOptions>> = new Map(
  SETTINGS.map((row) => [row.name, row]),
);
/**
 * Known, not offered, and only to be had like this: leaf nodes have items and nothing below them, and notifications are
 * never gathered, so that how often that were has no effect.
 */
const FIXED: ReadonlyMap<string, readonly string[]> = new Map([
  ["subscription_type", ["items"]],
  ["subscription_depth", ["1"]],
  ["digest", ["0", "false"]],
]);

/** The options as a form to fill in, or as its result. */
export function optionsForm(options: SubscriptionOptions, fill: boolean): Form {
  return formOf(SUBSCRIBE_OPTIONS_FORM, SETTINGS, options, fill);
}

/**
 * The options with what was submitted; what the form leaves out stays. Refuses with `bad-request` and
 * `invalid-options` (XEP-0060 §6.3.6): digests, a lease that ends with somebody's presence, or has ended before `now`.
 */
export function optionsWith(
  options: SubscriptionOptions,
  form: SubmittedForm,
  now: Instant,
): SubscriptionOptions | PubsubError {
  if (form.formType !== undefined && form.formType !== SUBSCRIBE_OPTIONS_FORM) return invalid("FORM_TYPE");
  const changed: Record<string, unknown> = { ...options };
  for (const { name, values } of form.fields) {
    const bare = name.replace(/^pubsub#/, "");
    const row = BY_NAME.get(bare);
    if (row === undefined) {
      const fixed = FIXED.get(bare);
      if (fixed?.includes(values[0] ?? "") === false) return invalid(name);
      continue;
    }
    const read = row.kind.read(values);
    if (read === undefined) return invalid(name);
    if (row.key === "expire" && read.value !== undefined && String(read.value) <= now) return invalid(name);
    if (read.value === undefined || isFallback(row, read.value)) delete changed[row.key];
    else changed[row.key] = read.value;
  }
  return changed;
}

function isFallback({ fallback }: Setting<keyof SubscriptionOptions>, value: unknown): boolean {
  return JSON.stringify(fallback) === JSON.stringify(value);
}

function invalid(name: string): PubsubError {
  const text = `What was given for ${name.slice(0, 80)} cannot be had; ask for the options to see what can.`;
  return { kind: "error", condition: "bad-request", pubsub: "invalid-options", text };
}
