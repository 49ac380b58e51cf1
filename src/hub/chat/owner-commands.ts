import { parseAccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { type BareJid, domainOf, localOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal, refuse } from "../../outcome/refusal.ts";
import { createAccount } from "../accounts/create-account.ts";
import { hubStatus } from "../house/hub-status.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { type CommandField, type CommandForm, type CommandValues, valueOf } from "./command-form.ts";
import type { StagedCommand } from "./run-command.ts";

/** XEP-0133. */
const ADMIN = "http://jabber.org/protocol/admin";
/** How many accounts may be asked for at a time (XEP-0133 §4.18). */
const COUNTS = ["25", "50", "75", "100", "150", "200", "none"];
/** LIMIT: accounts of one answer. */
const ACCOUNTS_MAX = 1_000;

const OWNER = { kind: "owner" } as const;

/** Whether a JID administers the hub. */
export function isHubOwner(hub: HubPorts, jid: BareJid): boolean {
  return hub.options.ownerJids?.includes(jid) === true;
}

/** What the hub's owner may do, at the hub's own domain. */
export function ownerCommands(hub: HubPorts): readonly StagedCommand[] {
  return [statusCommand(hub), addUserCommand(hub), listUsersCommand(hub), countUsersCommand(hub)];
}

/** Their nodes and names, for whoever asks what there is. */
export const OWNER_COMMAND_NAMES: readonly { readonly node: string; readonly name: string }[] = [
  { node: "sterna:status", name: "Hub status" },
  { node: `${ADMIN}#add-user`, name: "Add an account" },
  { node: `${ADMIN}#get-registered-users-list`, name: "List accounts" },
  { node: `${ADMIN}#get-registered-users-num`, name: "Count accounts" },
];

function named(node: string): { readonly node: string; readonly name: string } {
  return { node, name: OWNER_COMMAND_NAMES.find((each) => each.node === node)?.name ?? node };
}

function line(name: string, label: string, value: string): CommandField {
  return { name, label, type: "text-single", values: [value] };
}

function statusCommand(hub: HubPorts): StagedCommand {
  return {
    ...named("sterna:status"),
    stages: [],
    run: async () => {
      const status = hubStatus(hub, OWNER);
      if (isRefusal(status)) return status;
      const { xmpp, outbox, destinations, upstreams } = status;
      const troubled = upstreams.filter(({ state }) => state !== "subscribed");
      const fields = [
        line("base", "Address", status.base),
        line("accounts", "Accounts", String(status.accounts)),
        line("posts", "Posts", String(status.posts)),
        line("documents", "Documents", String(status.documents)),
        line("xmpp", "XMPP", xmpp.kind),
        line("queued", "Notifications waiting", String(outbox.queued)),
        line("upstreams", "Followed, and without a subscription", `${upstreams.length}, ${troubled.length}`),
        line("destinations", "Not reached", destinations.map(({ name, state }) => `${name} (${state})`).join(", ")),
      ];
      return { result: { formType: "sterna:status", title: status.title, fields } };
    },
  };
}

/** XEP-0133 §4.1 in two stages. There are no passwords here: what logs in is a token, shown once. */
function addUserCommand(hub: HubPorts): StagedCommand {
  const { domain } = hub.identity;
  const who: CommandForm = {
    formType: ADMIN,
    title: "Add an account",
    instructions: `Its name is the first part of its addresses: alice@${domain}, or just alice.`,
    fields: [{ name: "accountjid", label: "Name or JID", type: "text-single", required: true, values: [] }],
  };
  const profile = (values: CommandValues): CommandForm => ({
    formType: ADMIN,
    title: `Add the account ${nameIn(values, domain)}`,
    instructions: "All of this may be left empty, and changed later.",
    fields: [
      { name: "displayname", label: "Name that people see", type: "text-single", values: [] },
      { name: "linkedjids", label: "Other JIDs of the person, which may post here", type: "jid-multi", values: [] },
    ],
  });
  return {
    ...named(`${ADMIN}#add-user`),
    stages: [
      { form: () => who, check: (values) => whyNotNew(hub, nameIn(values, domain)), canComplete: true },
      { form: profile },
    ],
    run: async (values) => {
      const linkedJids = values.get("linkedjids")?.filter((jid) => jid !== "") ?? [];
      const displayName = valueOf(values, "displayname");
      const made = await createAccount(hub, OWNER, {
        name: nameIn(values, domain),
        ...(displayName === "" ? {} : { displayName }),
        ...(linkedJids.length === 0 ? {} : { linkedJids }),
      });
      if (isRefusal(made)) return made;
      const { account, token } = made;
      const fields = [
        line("accountjid", "JID", account.jid),
        line("page", "Page", accountIris(hub.identity.base, account.name).profile),
        line("token", "Token, shown this once", token),
      ];
      const text = "The account is made. Its token logs in; it is shown this once.";
      return { text, result: { formType: ADMIN, title: "Account", fields } };
    },
  };
}

/** The name of an account that is named, or whose JID is. */
function nameIn(values: CommandValues, domain: string): string {
  const text = valueOf(values, "accountjid").trim();
  const jid = text.includes("@") ? parseBareJid(text) : undefined;
  // Another domain's JID is no name, which is said where names are read.
  return jid !== undefined && !isRefusal(jid) && domainOf(jid) === domain ? (localOf(jid) ?? text) : text;
}

function whyNotNew(hub: HubPorts, text: string) {
  const name = parseAccountName(text);
  if (isRefusal(name)) return name;
  if (hub.records.reader.account(name) === undefined) return undefined;
  return refuse("conflict", `Expected a new name, but there is already an account "${name}"; choose another one.`);
}

/** XEP-0133 §4.18. */
function listUsersCommand(hub: HubPorts): StagedCommand {
  const form: CommandForm = {
    formType: ADMIN,
    title: "List accounts",
    fields: [{ name: "max_items", label: "At most", type: "list-single", options: COUNTS, values: ["none"] }],
  };
  return {
    ...named(`${ADMIN}#get-registered-users-list`),
    stages: [{ form: () => form }],
    run: async (values) => {
      const count = Number(valueOf(values, "max_items"));
      const all = hub.records.reader.accounts();
      const shown = all.slice(0, count > 0 ? count : ACCOUNTS_MAX);
      const jids = shown.map(({ jid }) => jid);
      const fields = [
        { name: "registereduserjids", label: "Accounts", type: "jid-multi", values: jids },
      ] as const satisfies readonly CommandField[];
      const text = shown.length < all.length ? `${shown.length} of ${all.length} accounts.` : undefined;
      return { ...(text === undefined ? {} : { text }), result: { formType: ADMIN, title: "Accounts", fields } };
    },
  };
}

/** XEP-0133 §4.13. */
function countUsersCommand(hub: HubPorts): StagedCommand {
  return {
    ...named(`${ADMIN}#get-registered-users-num`),
    stages: [],
    run: async () => {
      const fields = [line("registeredusersnum", "Accounts", String(hub.records.reader.accounts().length))];
      return { result: { formType: ADMIN, title: "Accounts", fields } };
    },
  };
}
