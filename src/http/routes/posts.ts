import type { Draft } from "../../core/posts/draft.ts";
import type { Attachment, Place } from "../../core/posts/post.ts";
import { readFiles, readPlace, type TypedFile } from "../../core/posts/typed-files.ts";
import { deletePost } from "../../hub/posts/delete-post.ts";
import { editPost } from "../../hub/posts/edit-post.ts";
import { publishPost } from "../../hub/posts/publish-post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { parseIri } from "../../rdf/iri.ts";
import { mediaTypeOf, missingField, readFields, readJson, readText } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { iriOf } from "./page.ts";

/** `POST /{name}/posts`: a new post. */
export async function postPost(exchange: Exchange): Promise<Answer | Refusal> {
  const draft = await readDraft(exchange);
  if (isRefusal(draft)) return draft;
  const published = await publishPost(exchange.hub, exchange.by, exchange.params["name"] ?? "", draft);
  return isRefusal(published) ? published : jsonAnswer(published, 201, { location: published.iri });
}

/** `PATCH /{name}/posts/{id}`: another text, with `If-Match` only on the version that its ETag names. */
export async function patchPost(exchange: Exchange): Promise<Answer | Refusal> {
  const draft = await readDraft(exchange);
  if (isRefusal(draft)) return draft;
  const wish = versionWish(exchange);
  if (isRefusal(wish)) return wish;
  const edited = await editPost(exchange.hub, exchange.by, iriOf(exchange), draft, wish);
  return isRefusal(edited) ? edited : jsonAnswer(edited);
}

/** `DELETE /{name}/posts/{id}`, with `If-Match` as {@link patchPost}. */
export async function removePost(exchange: Exchange): Promise<Answer | Refusal> {
  const wish = versionWish(exchange);
  if (isRefusal(wish)) return wish;
  const deleted = await deletePost(exchange.hub, exchange.by, iriOf(exchange), wish);
  return isRefusal(deleted) ? deleted : jsonAnswer(deleted);
}

/**
 * The post as typed: `{text, language?, replyTo?, quote?, attachments?, place?}`, or the bare text as `text/plain` with
 * `Content-Language`. In an edit no attachments, and `null` for a place, take away what there was.
 */
async function readDraft(exchange: Exchange): Promise<Draft | Refusal> {
  const type = mediaTypeOf(exchange);
  if (type === "text/plain") {
    const text = await readText(exchange);
    const language = exchange.header("content-language").trim();
    return isRefusal(text) ? text : { text, ...(language === "" ? {} : { language }) };
  }
  if (type !== "application/json") {
    const accepted = ["application/json", "text/plain"];
    const sentence = `Expected application/json or text/plain, but got "${type.slice(0, 80)}".`;
    return refuse("unsupported-media-type", sentence, { accepted });
  }
  const body = await readJson(exchange);
  return isRefusal(body) ? body : draftOf(body);
}

function draftOf(body: Readonly<Record<string, unknown>>): Draft | Refusal {
  const fields = readFields(body, {
    text: "text",
    language: "text",
    replyTo: "text",
    quote: "text",
    attachments: "objects",
    place: "object",
  });
  if (isRefusal(fields)) return fields;
  const { text, language, replyTo, quote } = fields;
  if (text === undefined) return missingField("text");
  const [replyOf, quoteOf] = [replyTo, quote].map((iri) => (iri === undefined ? undefined : parseIri(iri)));
  if (isRefusal(replyOf)) return replyOf;
  if (isRefusal(quoteOf)) return quoteOf;
  const attachments = fields.attachments === undefined ? undefined : filesIn(fields.attachments);
  if (isRefusal(attachments)) return attachments;
  const place = body["place"] === null ? null : fields.place === undefined ? undefined : placeIn(fields.place);
  if (isRefusal(place)) return place;
  return {
    text,
    ...(language === undefined ? {} : { language }),
    ...(replyOf === undefined ? {} : { replyOf }),
    ...(quoteOf === undefined ? {} : { quoteOf }),
    ...(attachments === undefined ? {} : { attachments }),
    ...(place === undefined ? {} : { place }),
  };
}

function filesIn(rows: readonly Readonly<Record<string, unknown>>[]): readonly Attachment[] | Refusal {
  const files: TypedFile[] = [];
  for (const row of rows) {
    const file = readFields(row, { iri: "text", format: "text", size_bytes: "number", description: "text" });
    if (isRefusal(file)) return file;
    if (file.iri === undefined) return missingField("iri");
    files.push({ ...file, iri: file.iri });
  }
  return readFiles(files);
}

function placeIn(row: Readonly<Record<string, unknown>>): Place | Refusal {
  const place = readFields(row, { name: "text", lat: "number", long: "number" });
  return isRefusal(place) ? place : readPlace(place);
}

/** The version that `If-Match` wants: a post's ETags begin with its version (`"3.…"`); `"3"` alone will do. */
function versionWish(exchange: Exchange): { readonly ifVersion?: number } | Refusal {
  const header = exchange.header("if-match").trim();
  if (header === "" || header === "*") return {};
  const versions = header.split(",").flatMap((tag) => {
    const version = /^"(\d{1,9})(?:\.[^"]*)?"$/.exec(tag.trim())?.[1];
    return version === undefined ? [] : [Number(version)];
  });
  const stored = exchange.hub.records.reader.document(iriOf(exchange));
  const present = stored?.kind === "live" ? stored.version : undefined;
  const wanted = versions.find((version) => version === present) ?? versions[0];
  if (wanted !== undefined) return { ifVersion: wanted };
  return refuse(
    "precondition-failed",
    `Expected the ETag of this post in If-Match, but got ${header.slice(0, 100)}; read the post again.`,
  );
}
