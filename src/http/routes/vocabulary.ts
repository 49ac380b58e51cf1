import { readFile } from "node:fs/promises";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { JSONLD_CONTEXT } from "../../rdf/jsonld-context.ts";
import { parseRdf } from "../../rdf/parse.ts";
import type { Quad } from "../../rdf/term.ts";
import type { Answer, Exchange } from "../exchange.ts";
import { renderVocabulary } from "../pages/render.ts";
import { represent } from "../representation.ts";

const HUB_ONTOLOGY = new URL("../../../ontologies/hub.ttl", import.meta.url);

let vocabulary: Promise<readonly Quad[] | Refusal> | undefined;

/** `GET /vocabulary`: the terms of our own, as this version of the program knows them. */
export async function getVocabulary(exchange: Exchange): Promise<Answer | Refusal> {
  const subject = `${exchange.hub.identity.base}vocabulary` as Iri;
  vocabulary ??= readFile(HUB_ONTOLOGY, "utf8").then((text) => parseRdf(text, { format: "turtle", baseIri: subject }));
  const quads = await vocabulary;
  if (isRefusal(quads)) return quads;
  return await represent(exchange, { subject, quads, html: (context) => renderVocabulary(quads, context) });
}

const CONTEXT = `${JSON.stringify(JSONLD_CONTEXT, undefined, 2)}\n`;

/** `GET /context.jsonld`: the JSON-LD context that the hub's own JSON-LD names. */
export function getContext(): Answer {
  return { type: "application/ld+json", body: CONTEXT, headers: { "cache-control": "public, max-age=86400" } };
}
