import type { Entry } from "../../atom/entry.ts";
import { COMMENTS_NODE } from "../../atom/post-entry.ts";
import type { Account, AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type BareJid, localOf } from "../../core/jid.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { NodeId, PubsubState } from "../../pubsub/state.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { ALL_COMMENTS, inAllComments, type Outcome } from "./all-comments.ts";
import { commentPayload } from "./comment-entry.ts";
import { commentsNode, madeNode, withComments } from "./comments-node.ts";
import { ancestors } from "./thread.ts";

/** An answer of an account of this hub, by its item id there. */
interface HomeAnswer {
  readonly account: Account;
  readonly id: ItemId;
  readonly replyOf: Iri | undefined;
}

/**
 * What puts an answer, or its edit, into the comments of the posts of this hub that its thread goes through, so that
 * who reads these with another program has the whole thread. Where the comments take no more it is left out.
 */
export function commentAtHome(
  hub: HubPorts,
  reader: RecordReader,
  answer: HomeAnswer & { readonly entry: Entry },
  now: Instant,
): Outcome {
  const { id, entry } = answer;
  const item = { id, payload: commentPayload(entry), published: entry.published, updated: entry.updated };
  return atHome(hub, reader, answer, now, (place) => ({ kind: "publish", ...place, item }));
}

/** What takes an answer that is deleted out of them again. */
export function uncommentAtHome(hub: HubPorts, reader: RecordReader, answer: HomeAnswer, now: Instant): Outcome {
  return atHome(hub, reader, answer, now, (place) => ({ kind: "retract", ...place, id: answer.id, notify: true }));
}

function atHome(
  hub: HubPorts,
  reader: RecordReader,
  { account, replyOf }: HomeAnswer,
  now: Instant,
  requestAt: (place: { readonly service: Account["jid"]; readonly node: NodeId }) => PubsubRequest,
): Outcome {
  const outcomes = homesOf(hub, reader, replyOf).map(({ owner, post }): Outcome => {
    const state = withComments(hub, reader, owner, reader);
    const request = requestAt({ service: owner.jid, node: commentsNode(post) });
    const decision = decide(state, request, { actor: account.jid, now, subid: "" });
    return decision.kind === "error" ? NOTHING : commentsChanged(reader, state, owner.jid, post, decision, now);
  });
  return {
    changes: outcomes.flatMap(({ changes }) => changes),
    notifications: outcomes.flatMap(({ notifications }) => notifications),
  };
}

const NOTHING: Outcome = { changes: [], notifications: [] };

/** What a decision about the comments on one post changes: their node, and that of all comments. */
export function commentsChanged(
  reader: RecordReader,
  state: PubsubState,
  owner: BareJid,
  post: string,
  { changes, notifications }: Outcome,
  now: Instant,
): Outcome {
  if (changes.length === 0) return { changes, notifications };
  const all = inAllComments(state, owner, post, changes, now);
  return {
    changes: [
      ...madeNode(reader, state, owner, commentsNode(post)),
      ...changes,
      ...(all.changes.length === 0 ? [] : madeNode(reader, state, owner, ALL_COMMENTS)),
      ...all.changes,
    ],
    notifications: [...notifications, ...all.notifications],
  };
}

/** A decision about any node with what it takes to keep it: the node where it was not kept, the node of all comments. */
export function whole(
  reader: RecordReader,
  state: PubsubState,
  service: BareJid,
  node: NodeId | undefined,
  { changes, notifications }: Outcome,
  now: Instant,
): Outcome {
  if (changes.length === 0) return { changes, notifications };
  if (localOf(service) !== undefined && node?.startsWith(COMMENTS_NODE) === true) {
    return commentsChanged(reader, state, service, node.slice(COMMENTS_NODE.length), { changes, notifications }, now);
  }
  return { changes: [...madeNode(reader, state, service, node), ...changes], notifications };
}

/** The posts of this hub among what is answered, and whose they are. */
function homesOf(hub: HubPorts, reader: RecordReader, replyOf: Iri | undefined) {
  return ancestors(reader, replyOf).flatMap(({ graph, origin }) => {
    if (origin.kind !== "own") return [];
    const owner = reader.account((accountNameIn(hub.identity.base, graph) ?? "") as AccountName);
    const post = owner && itemIdIn(accountIris(hub.identity.base, owner.name).container, graph);
    return owner === undefined || post === undefined ? [] : [{ owner, post }];
  });
}
