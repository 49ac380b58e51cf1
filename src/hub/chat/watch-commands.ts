import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { questionOf } from "../watches/built-in-watches.ts";
import { addWatch, removeWatch } from "../watches/manage-watches.ts";
import { listWatches, type WatchView } from "../watches/watch-view.ts";
import { chatText } from "./chat-text.ts";
import { type CommandField, valueOf } from "./command-form.ts";
import type { CommandEnd, StagedCommand } from "./run-command.ts";
import type { Talker } from "./talker.ts";

/** The ad-hoc commands about standing queries: where they are, and what they are called. */
export const WATCH_COMMAND_NAMES = [
  { node: "sterna:watch", name: "Keep a query open" },
  { node: "sterna:watches", name: "Open queries" },
  { node: "sterna:unwatch", name: "End an open query" },
] as const;

const NAME: CommandField = {
  name: "name",
  type: "text-single",
  label: "Name: letters, digits, - and _",
  values: [],
  required: true,
};
const QUERY: CommandField = {
  name: "query",
  type: "text-multi",
  label: "SPARQL; or mentions, replies, home, topic #tag, thread ADDRESS",
  values: [],
  required: true,
};
const READERS: CommandField = {
  name: "public",
  type: "list-single",
  label: "Who may read its answers",
  options: ["own", "public"],
  values: ["own"],
};

/** The ad-hoc commands about the standing queries of `talker`. */
export function watchCommands(hub: HubPorts, talker: Talker): readonly StagedCommand[] {
  const [add, list, remove] = WATCH_COMMAND_NAMES;
  const names = watchesOf(hub, talker).map(({ name }) => name);
  return [
    {
      ...add,
      stages: [{ form: () => ({ formType: add.node, title: add.name, fields: [NAME, QUERY, READERS] }) }],
      run: async (values) =>
        ended(
          await sayWatchAdded(hub, talker, {
            name: valueOf(values, "name").trim(),
            query: valueOf(values, "query"),
            isPublic: valueOf(values, "public") === "public",
          }),
        ),
    },
    { ...list, stages: [], run: () => Promise.resolve(ended(sayWatches(hub, talker))) },
    {
      ...remove,
      stages: [
        {
          form: () => ({
            formType: remove.node,
            title: remove.name,
            fields: [{ ...NAME, type: "list-single", label: "Name", options: names }],
          }),
        },
      ],
      run: async (values) => ended(await sayWatchRemoved(hub, talker, valueOf(values, "name"))),
    },
  ];
}

function ended(said: string | Refusal): CommandEnd | Refusal {
  return isRefusal(said) ? said : { text: chatText(said) };
}

/** Keeps a query open, SPARQL or one of the program's own by its name; says where its answers come. */
export async function sayWatchAdded(
  hub: HubPorts,
  { by }: Talker,
  { name, query, isPublic = false }: { readonly name: string; readonly query: string; readonly isPublic?: boolean },
): Promise<string | Refusal> {
  const added = await addWatch(hub, by, by.account.name, { name, ...questionOf(query), isPublic });
  return isRefusal(added) ? added : `Kept open: ${lineOf(added)}`;
}

/** Ends a standing query. */
export async function sayWatchRemoved(hub: HubPorts, { by }: Talker, name: string): Promise<string | Refusal> {
  const removed = await removeWatch(hub, by, by.account.name, name);
  return isRefusal(removed) ? removed : `"${removed.name}" is not kept open any more.`;
}

/** The standing queries of an account, one a line. */
export function sayWatches(hub: HubPorts, talker: Talker): string {
  const lines = watchesOf(hub, talker).map(lineOf);
  return lines.length === 0 ? "No query is kept open; watch add NAME QUERY does it." : lines.join("\n");
}

function watchesOf(hub: HubPorts, { by }: Talker): readonly WatchView[] {
  const listed = listWatches(hub, by, by.account.name);
  return isRefusal(listed) ? [] : listed;
}

function lineOf({ name, answers, iri, service, node, problem }: WatchView): string {
  const state = problem === undefined ? `answers: ${answers}` : `stopped: ${problem}`;
  return `${name} (${state}) ${iri} xmpp:${service}?;node=${node}`;
}
