import { CHAT_POSTS_MAX, parseChat } from "../../core/chat-command.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { runChatCommand } from "./chat-commands.ts";
import { chatText } from "./chat-text.ts";
import { type CommandField, valueOf } from "./command-form.ts";
import type { StagedCommand } from "./run-command.ts";
import type { Talker } from "./talker.ts";
import { WATCH_COMMAND_NAMES, watchCommands } from "./watch-commands.ts";

/** What people may do by a form with one field, then done: the same as by chat. */
const PEOPLE_COMMANDS: readonly {
  readonly kind: "post" | "follow" | "unfollow" | "timeline" | "search" | "query";
  readonly name: string;
  readonly field: Pick<CommandField, "type" | "label" | "values">;
}[] = [
  { kind: "post", name: "Post", field: { type: "text-multi", label: "Text", values: [] } },
  { kind: "follow", name: "Follow", field: { type: "text-single", label: "JID or page", values: [] } },
  { kind: "unfollow", name: "Unfollow", field: { type: "text-single", label: "JID or page", values: [] } },
  {
    kind: "timeline",
    name: "Timeline",
    field: { type: "text-single", label: `How many posts, at most ${CHAT_POSTS_MAX}`, values: ["5"] },
  },
  { kind: "search", name: "Search", field: { type: "text-single", label: "Words", values: [] } },
  { kind: "query", name: "Query", field: { type: "text-multi", label: "SPARQL", values: [] } },
];

/** The commands of people with a linked JID, as `talker`; queries are given up with `signal`. */
export function peopleCommands(hub: HubPorts, talker: Talker, signal: AbortSignal): readonly StagedCommand[] {
  const spoken = PEOPLE_COMMANDS.map(({ kind, name, field }): StagedCommand => {
    const node = `sterna:${kind}`;
    const form = { formType: node, title: name, fields: [{ ...field, name: "text", required: true as const }] };
    return {
      node,
      name,
      stages: [{ form: () => form }],
      run: async (values) => {
        const wanted = parseChat(`/${kind} ${valueOf(values, "text")}`);
        if (isRefusal(wanted)) return wanted;
        const said = await runChatCommand(hub, talker, wanted, { shown: [], signal });
        return isRefusal(said) ? said : { text: chatText(typeof said === "string" ? said : said.text) };
      },
    };
  });
  return [...spoken, ...watchCommands(hub, talker)];
}

/** Their nodes and names, for whoever asks what there is. */
export const PEOPLE_COMMAND_NAMES = [
  ...PEOPLE_COMMANDS.map(({ kind, name }) => ({ node: `sterna:${kind}`, name })),
  ...WATCH_COMMAND_NAMES,
];
