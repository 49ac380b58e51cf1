import type { BareJid, Jid } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { SubmittedForm } from "../../pubsub/settings/form.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { type CommandForm, type CommandValues, readCommandForm } from "./command-form.ts";
import { type CommandSession, endSession, keepSession, openSession, sessionOf } from "./command-sessions.ts";

/** A command of XEP-0050: its forms one after the other, none for one that runs at once, and what it does in the end. */
export interface StagedCommand {
  readonly node: string;
  readonly name: string;
  readonly stages: readonly CommandStage[];
  /** Does it with all that was filled in; a stage that was left out has nothing. */
  run(values: CommandValues): Promise<CommandEnd | Refusal>;
}

/** One form of a command, made from what was filled in before. */
export interface CommandStage {
  form(values: CommandValues): CommandForm;
  /** Why what was filled in cannot be gone on with. */
  check?(values: CommandValues): Refusal | undefined;
  /** Whether all that follows may be left out. */
  readonly canComplete?: true;
}

/** How a command ended: a sentence or more, and values where there are any. */
export interface CommandEnd {
  readonly text?: string;
  readonly result?: CommandForm;
}

/** One step of a command as it came in (XEP-0050 §3.4). */
export interface AdHocStep {
  readonly node: string;
  readonly session?: string;
  readonly action: CommandAction;
  /** What was filled in; `unreadable` when it is no form that was. */
  readonly form?: SubmittedForm | "unreadable";
}

export type CommandAction = "execute" | "next" | "prev" | "complete" | "cancel";

/** A sentence beside a form, or in the place of one (XEP-0050 §4.3). */
export interface CommandNote {
  readonly type: "info" | "warn" | "error";
  readonly text: string;
}

/** What answers a step: the next form with what can be done, how it ended, or that it is given up. */
export type AdHocReply =
  | {
      readonly kind: "stage";
      readonly session: string;
      readonly form: CommandForm;
      /** The first is what `execute` does. */
      readonly actions: readonly CommandAction[];
      readonly note?: CommandNote;
    }
  | {
      readonly kind: "ended";
      readonly session: string;
      readonly note?: CommandNote;
      readonly result?: CommandForm;
    }
  | { readonly kind: "cancelled"; readonly session: string };

/** Runs one step of `command` for a client, in the session it names or in a new one. */
export async function runStep(
  hub: HubPorts,
  command: StagedCommand,
  step: AdHocStep,
  by: Jid,
  service: BareJid,
): Promise<AdHocReply | PubsubError> {
  const found =
    step.session === undefined ? undefined : sessionOf(hub, step.session, { node: command.node, by, service });
  if (found === "expired") return no("not-allowed", "session-expired");
  if (step.session !== undefined && found === undefined) return no("bad-request", "bad-sessionid");
  if (step.form === "unreadable") return no("bad-request", "bad-payload");
  const form = step.form?.cancelled === true ? undefined : step.form;
  if (step.action === "cancel" || step.form?.cancelled === true) {
    if (found !== undefined) endSession(hub, found);
    return { kind: "cancelled", session: found?.id ?? hub.newSecret(12) };
  }
  if (found !== undefined) return await goOn(hub, command, found, step.action, form);
  if (step.action !== "execute" && form === undefined) return no("bad-request", "bad-action");
  const session = openSession(hub, command.node, by, service);
  if (command.stages.length === 0) return await complete(hub, command, session);
  // Who knows the form may fill it in without asking for it.
  return form === undefined ? stageOf(command, session) : await goOn(hub, command, session, step.action, form);
}

async function goOn(
  hub: HubPorts,
  command: StagedCommand,
  session: CommandSession,
  action: CommandAction,
  form: SubmittedForm | undefined,
): Promise<AdHocReply | PubsubError> {
  keepSession(hub, session);
  if (action === "prev") {
    if (session.stage === 0) return no("bad-request", "bad-action");
    session.stage--;
    return stageOf(command, session);
  }
  const wanted = action === "execute" ? actionsOf(command, session)[0] : action;
  if (wanted === undefined || !actionsOf(command, session).includes(wanted)) return no("bad-request", "bad-action");
  const stage = command.stages[session.stage];
  if (form === undefined || stage === undefined) return no("bad-request", "bad-payload");
  const values = readCommandForm(stage.form(valuesOf(session)), form);
  const refusal = isRefusal(values) ? values : stage.check?.(values);
  if (isRefusal(values) || refusal !== undefined) {
    return { ...stageOf(command, session), note: { type: "error", text: (refusal ?? (values as Refusal)).message } };
  }
  session.filled[session.stage] = values;
  if (wanted === "complete") return await complete(hub, command, session);
  session.stage++;
  return stageOf(command, session);
}

async function complete(hub: HubPorts, command: StagedCommand, session: CommandSession): Promise<AdHocReply> {
  // What was filled in further on, before going back, counts no more.
  const filled = valuesOf(session, session.stage + 1);
  // Over before it is done, so that no second step does it twice.
  endSession(hub, session);
  const done = await command.run(filled);
  if (isRefusal(done)) return { kind: "ended", session: session.id, note: { type: "error", text: done.message } };
  const { text, result } = done;
  return {
    kind: "ended",
    session: session.id,
    ...(text === undefined ? {} : { note: { type: "info", text } }),
    ...(result === undefined ? {} : { result }),
  };
}

/** The form of the stage that a session is at, with what was filled in there before. */
function stageOf(command: StagedCommand, session: CommandSession): AdHocReply & { readonly kind: "stage" } {
  const form = command.stages[session.stage]?.form(valuesOf(session)) ?? { formType: "", title: "", fields: [] };
  const before = session.filled[session.stage];
  const fields = form.fields.map((field) => ({ ...field, values: before?.get(field.name) ?? field.values }));
  return { kind: "stage", session: session.id, form: { ...form, fields }, actions: actionsOf(command, session) };
}

function actionsOf({ stages }: StagedCommand, { stage }: CommandSession): readonly CommandAction[] {
  const back: readonly CommandAction[] = stage > 0 ? ["prev"] : [];
  if (stage === stages.length - 1) return ["complete", ...back];
  return ["next", ...back, ...(stages[stage]?.canComplete === true ? (["complete"] as const) : [])];
}

/** All that was filled in before the stage that a session is at, or before `end`. */
function valuesOf({ filled, stage }: CommandSession, end: number = stage): CommandValues {
  return new Map(filled.slice(0, end).flatMap((values) => [...values]));
}

function no(condition: PubsubError["condition"], command: NonNullable<PubsubError["command"]>): PubsubError {
  return { kind: "error", condition, command };
}
