import type { Account } from "../../core/account.ts";
import type { PubsubState } from "../../pubsub/state.ts";
import { withAttachments } from "../attachments/attachments-node.ts";
import { withComments } from "../comments/comments-node.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { withFollows } from "./pubsub-policy.ts";

/** The nodes of a service as everybody sees them: those that are kept, and those that are there without being kept. */
export function nodesOf(hub: HubPorts, reader: RecordReader, account: Account | undefined): PubsubState {
  return withAttachments(
    account === undefined ? reader : withComments(hub, reader, account, withFollows(hub, reader, account)),
  );
}
