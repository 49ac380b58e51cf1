import { PICTURE_BYTES_MAX, PICTURE_TYPES, type PictureId } from "../../core/picture.ts";
import { updateAccount } from "../../hub/accounts/create-account.ts";
import { pictureOf } from "../../hub/people/picture.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { mediaTypeOf, readBytes } from "../body.ts";
import type { Answer, Exchange } from "../exchange.ts";

/** `GET /{name}/avatar`: an account's picture, named by its hash. */
export function getPicture({ hub, params }: Exchange): Answer | Refusal {
  const found = pictureOf(hub, params["name"] ?? "");
  if (isRefusal(found)) return found;
  const { facts, bytes } = found;
  return { type: facts.type, body: bytes, headers: { etag: `"${facts.id}"`, "content-disposition": "inline" } };
}

/** `GET /api/pictures/{id}`: the picture of somebody elsewhere who has it on XMPP alone; it never changes. */
export function getKeptPicture({ hub, params }: Exchange): Answer | Refusal {
  const id = params["id"] ?? "";
  const found = hub.records.reader.picture(id as PictureId);
  if (found === undefined)
    return refuse("not-found", `Expected a picture that is kept here, but "${id.slice(0, 40)}" is none.`);
  const headers = { etag: `"${id}"`, "cache-control": "public, max-age=31536000, immutable" };
  return { type: found.type, body: found.bytes, headers };
}

/** `PUT /{name}/avatar`: another picture. What it is, its bytes say; a media type that says otherwise is refused. */
export async function putPicture(exchange: Exchange): Promise<Answer | Refusal> {
  const type = mediaTypeOf(exchange);
  if (type !== "" && type !== "application/octet-stream" && !PICTURE_TYPES.some((known) => known === type)) {
    return refuse("unsupported-media-type", `Expected a picture, but got "${type.slice(0, 80)}".`, {
      accepted: PICTURE_TYPES,
    });
  }
  const picture = await readBytes(exchange.request, exchange.gone, PICTURE_BYTES_MAX);
  if (isRefusal(picture)) return picture;
  return await change(exchange, picture);
}

/** `DELETE /{name}/avatar`. */
export async function deletePicture(exchange: Exchange): Promise<Answer | Refusal> {
  return await change(exchange, undefined);
}

async function change({ hub, by, params }: Exchange, picture: Uint8Array | undefined): Promise<Answer | Refusal> {
  const account = await updateAccount(hub, by, params["name"] ?? "", { picture });
  return isRefusal(account) ? account : { status: 204 };
}
