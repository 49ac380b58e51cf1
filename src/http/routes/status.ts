import { hubStatus } from "../../hub/house/hub-status.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

/** `GET /health`: for whatever watches over the process; nothing private. */
export function getHealth({ hub, version }: Exchange): Answer {
  return jsonAnswer({ status: "ok", xmpp: hub.xmpp.status.kind, version }, 200, { "cache-control": "no-store" });
}

/** `GET /api/status`: how the hub is doing, for its accounts and its owner. */
export function getStatus({ hub, by, version }: Exchange): Answer | Refusal {
  const status = hubStatus(hub, by);
  return isRefusal(status) ? status : jsonAnswer({ version, uptime_s: Math.floor(process.uptime()), ...status });
}
