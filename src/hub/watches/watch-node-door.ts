import { accountIris } from "../../core/hub-iris.ts";
import { bareOf, type Jid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { PubsubDecision, PubsubError, PubsubReply } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { SubmittedForm } from "../../pubsub/settings/form.ts";
import type { NodeConfig, NodeId, PubsubNode } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import type { Watch, WatchPlace } from "../ports/standing.ts";
import { queued } from "../posts/publish-post.ts";
import { pubsubError } from "../pubsub/pubsub-refusal.ts";
import { questionOf } from "./built-in-watches.ts";
import { addWatch, changeWatch, removeWatch } from "./manage-watches.ts";
import { watchService } from "./watch-entry.ts";
import { placeOfNode } from "./watch-node.ts";

/** The field of a node's configuration that is its standing query: SPARQL, or `mentions`, `topic #terns` and the like. */
export const QUERY_FIELD = "sterna#query";

/** What of a standing query's node is the hub's own: its items are its answers, and who reads them is in the query. */
const FIXED: readonly (keyof NodeConfig)[] = [
  "accessModel",
  "publishModel",
  "type",
  "persistItems",
  "maxItems",
  "itemExpire_s",
  "payloadBytes_max",
];

type Owner = Requester & { readonly kind: "account" };
type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/**
 * Makes, changes and ends standing queries by their nodes (`watch/{account}/{name}` at the hub's domain) for the JIDs
 * linked to the account: creating a node with the field `sterna#query` keeps it open, configuring the field changes it,
 * deleting the node ends it. Undefined for all other requests, and for those of others about nodes that are there.
 */
export async function askWatchNode(
  hub: HubPorts,
  request: PubsubRequest,
  actor: Jid,
): Promise<PubsubReply | PubsubError | undefined> {
  const { service, node } = request;
  if (service !== watchService(hub) || node === undefined || !/^watch(?:\/|$)/.test(node)) return undefined;
  const place = placeOfNode(node);
  const by = place === undefined ? undefined : ownerOf(hub, place, actor);
  if (request.kind === "create") {
    return place === undefined || by === undefined ? notYours() : await create(hub, by, place, request);
  }
  const watch = place === undefined ? undefined : hub.records.reader.watch(place);
  if (watch === undefined || by === undefined) return undefined;
  if (request.kind === "configure") return await configure(hub, by, watch, request);
  if (request.kind !== "delete") return undefined;
  const removed = await removeWatch(hub, by, watch.account, watch.name);
  return isRefusal(removed) ? pubsubError(removed) : { kind: "done" };
}

function ownerOf(hub: HubPorts, { account }: WatchPlace, actor: Jid): Owner | undefined {
  const found = hub.records.reader.accountsOfLinkedJid(bareOf(actor)).find(({ name }) => name === account);
  if (found === undefined) return undefined;
  return { kind: "account", account: found, iri: accountIris(hub.identity.base, found.name).account };
}

async function create(
  hub: HubPorts,
  by: Owner,
  place: WatchPlace,
  request: Of<"create">,
): Promise<PubsubReply | PubsubError> {
  const form = request.config?.cancelled === true ? undefined : request.config;
  const text = queryIn(form);
  if (form === undefined || text === undefined || text.trim() === "") {
    return no(`Nodes below "watch/" are standing queries: give one in the field ${QUERY_FIELD} of the configuration.`);
  }
  const access = form.fields.find(({ name }) => name === "pubsub#access_model")?.values[0] ?? "whitelist";
  if (access !== "open" && access !== "whitelist") {
    return { ...no("A standing query is open or for a whitelist."), pubsub: "unsupported-access-model" };
  }
  const wish = { name: place.name, ...questionOf(text), isPublic: access === "open" };
  const added = await addWatch(hub, by, place.account, wish);
  if (isRefusal(added)) return pubsubError(added);
  const node = added.node as NodeId;
  const rest = await setConfig(hub, by, { kind: "configure", service: request.service, node, form });
  if (rest.kind !== "error") return { kind: "created", node, named: false };
  await removeWatch(hub, by, place.account, place.name);
  return rest;
}

async function configure(
  hub: HubPorts,
  by: Owner,
  watch: Watch,
  request: Of<"configure">,
): Promise<PubsubReply | PubsubError> {
  const tried = decideFor(hub, hub.records.reader, by, request);
  if (tried.kind === "error") return tried;
  const { reply } = tried;
  if (reply.kind === "error") return reply;
  if (request.form === undefined) return withQuery(reply, watch);
  const text = request.form.cancelled ? undefined : queryIn(request.form);
  if (text !== undefined && text.trim() !== watch.query.trim()) {
    const changed = await changeWatch(hub, by, watch.account, watch.name, questionOf(text));
    if (isRefusal(changed)) return pubsubError(changed);
  }
  return await setConfig(hub, by, request);
}

async function setConfig(hub: HubPorts, by: Owner, request: Of<"configure">): Promise<PubsubReply | PubsubError> {
  const done = await hub.records.transact<PubsubReply | PubsubError>((reader) => {
    const decision = decideFor(hub, reader, by, request);
    if (decision.kind === "error") return { changes: [], result: decision };
    const now = hub.now();
    const told = decision.notifications.map((notification) => queued(notification, now));
    return { changes: [...decision.changes, ...told], result: decision.reply };
  });
  return isRefusal(done) ? pubsubError(done) : done;
}

/** What the PubSub core makes of it, as asked by the account, within what is the hub's. */
function decideFor(hub: HubPorts, reader: RecordReader, by: Owner, request: Of<"configure">): PubsubDecision {
  const decision = decide(reader, request, { actor: by.account.jid, now: hub.now(), subid: "" });
  const present = reader.node(request.service, request.node)?.config;
  if (decision.kind === "error" || present === undefined) return decision;
  const moved = decision.changes.flatMap((change) => (change.kind === "node-put" ? fixedIn(change.node, present) : []));
  if (moved.length === 0) return decision;
  return no(`The ${moved.join(", ")} of a standing query's node cannot be changed; leave it out, or make another.`);
}

function fixedIn({ config }: PubsubNode, present: NodeConfig): readonly string[] {
  return FIXED.filter((key) => config[key] !== present[key]);
}

function withQuery(reply: PubsubReply, { query }: Watch): PubsubReply {
  if (reply.kind !== "configuration") return reply;
  const field = { name: QUERY_FIELD, type: "text-multi", label: "The standing query", values: query.split("\n") };
  return { ...reply, form: { ...reply.form, fields: [...reply.form.fields, field] } };
}

/** A text of several lines is a value for each (XEP-0004 §3.3). */
function queryIn(form: SubmittedForm | undefined): string | undefined {
  return form?.fields.find(({ name }) => name === QUERY_FIELD)?.values.join("\n");
}

function notYours(): PubsubError {
  const text = `Expected "watch/{account}/{name}", asked by a JID that is linked to the account; link yours with \`sterna account set --jid\`.`;
  return { kind: "error", condition: "forbidden", text };
}

function no(text: string): PubsubError {
  return { kind: "error", condition: "not-acceptable", text };
}
