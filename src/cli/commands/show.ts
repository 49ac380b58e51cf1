import { type Command, Option } from "commander";
import { CommandEnd, EXIT } from "../exit-code.ts";
import type { HubClient, HubOptions } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { type PlainTriple, readNTriples } from "../output/ntriples-lines.ts";
import { filesIn, type ShownFiles } from "../output/post-files.ts";
import { postText, type ShownPost } from "../output/post-text.ts";
import { writeBody } from "../output/response-text.ts";
import { inline, type Paint, painter, plain } from "../output/terminal-text.ts";
import { postIriOf } from "../post-address.ts";

// COMPAT: these few names are spelled out here because src/vocab makes RDF terms, whose library the CLI never loads.
const SIOC = "http://rdfs.org/sioc/ns#";
const TERMS = "http://purl.org/dc/terms/";
const FOAF = "http://xmlns.com/foaf/0.1/";
const GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#";
const AS = "https://www.w3.org/ns/activitystreams#";
const RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const LABEL = "http://www.w3.org/2000/01/rdf-schema#label";
const STERNA = "https://w3id.org/sterna#";

/** RDF formats that can be asked for, by the name given to --format. */
export const GRAPH_MEDIA_TYPES = {
  turtle: "text/turtle",
  jsonld: "application/ld+json",
  rdfxml: "application/rdf+xml",
  ntriples: "application/n-triples",
} as const;
type GraphFormat = keyof typeof GRAPH_MEDIA_TYPES;

/** `sterna show THING`: a post, or any other resource, as text or as RDF. */
export function showCommand(io: CliIo): Command {
  return hubCommand("show", "Show a post, an account or any other page of a hub.", [
    "sterna show 3k2abcdefghij",
    "sterna show https://hub.example/bob/posts/3k2abcdefghij",
    "sterna show https://hub.example/bob --format turtle",
  ])
    .argument("<what>", "an IRI, or the id of one of your posts")
    .addOption(new Option("--format <format>", "print its RDF").choices(Object.keys(GRAPH_MEDIA_TYPES)))
    .action(async (what: string, options: HubOptions & { readonly format?: GraphFormat }) => {
      const hub = await hubOf(io, options);
      const iri = await postIriOf(hub, what);
      await showResource(io, hub, iri, options);
    });
}

/** Prints the resource at an IRI in the way the options ask for. */
export async function showResource(
  io: CliIo,
  hub: HubClient,
  iri: string,
  options: { readonly format?: GraphFormat; readonly json?: boolean },
): Promise<void> {
  if (!/^https?:/.test(iri)) throw new CommandEnd(EXIT.usage, `Expected an http or https IRI, but got "${iri}".`);
  const address = ((await hub.addressOf(iri)) ?? iri).replace(/#.*$/s, "");
  if (options.format !== undefined) {
    return writeBody(io, await hub.send(address, { accept: GRAPH_MEDIA_TYPES[options.format] }));
  }
  const response = await hub.send(address, { accept: "application/n-triples" });
  const triples = readNTriples(await response.text());
  const post = postIn(iri, triples);
  if (options.json === true) return printJson(io, post ?? { iri, triples });
  const paint = painter(io);
  await io.stdout.write(post === undefined ? resourceText(triples, paint) : postText(post, paint, io.now()));
}

function postIn(iri: string, triples: readonly PlainTriple[]): ShownPost | undefined {
  const say = (predicate: string): string | undefined =>
    triples.find((each) => each.subject === iri && each.predicate === predicate)?.object;
  const text = say(`${SIOC}content`);
  const created = say(`${TERMS}created`);
  if (text === undefined || created === undefined) return undefined;
  const modified = say(`${TERMS}modified`);
  const replyOf = say(`${SIOC}reply_of`);
  const repostOf = say(`${STERNA}repostOf`);
  const quoteOf = say(`${STERNA}quoteOf`);
  return {
    iri,
    creatorName: creatorOf(iri, triples),
    text,
    created,
    ...(modified === undefined ? {} : { modified }),
    ...(replyOf === undefined ? {} : { replyOf }),
    ...(repostOf === undefined ? {} : { repostOf }),
    ...(quoteOf === undefined ? {} : { quoteOf }),
    ...originalIn(repostOf ?? quoteOf, triples),
    ...feelingsIn(iri, triples),
    ...filesOf(iri, triples),
  };
}

/** What a post passes on or quotes, as its page says it. */
function originalIn(iri: string | undefined, triples: readonly PlainTriple[]): Pick<ShownPost, "original"> {
  const say = (subject: string, predicate: string): string | undefined =>
    triples.find((each) => each.subject === subject && each.predicate === predicate)?.object;
  const text = iri === undefined ? undefined : say(iri, `${SIOC}content`);
  if (iri === undefined || text === undefined) return {};
  return { original: { state: "here", creatorName: creatorOf(iri, triples), text } };
}

/** What a post's author is called, or their account where the page says no name. */
function creatorOf(post: string, triples: readonly PlainTriple[]): string {
  const say = (subject: string, predicate: string): string | undefined =>
    triples.find((each) => each.subject === subject && each.predicate === predicate)?.object;
  const creator = say(post, `${SIOC}has_creator`) ?? "somebody";
  return say(say(creator, `${SIOC}account_of`) ?? creator, `${FOAF}name`) ?? creator;
}

/** The files of a post and where it was written, as its page says it. */
function filesOf(iri: string, triples: readonly PlainTriple[]): ShownFiles {
  const say = (subject: string, predicate: string): string | undefined =>
    triples.find((each) => each.subject === subject && each.predicate === predicate)?.object;
  const files = triples.filter((each) => each.subject === iri && each.predicate === `${SIOC}attachment`);
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return filesIn({
    attachments: files.map(({ object }) => ({
      iri: object,
      format: say(object, `${TERMS}format`),
      size_bytes: number(say(object, `${TERMS}extent`)),
      description: say(object, `${TERMS}description`),
    })),
    place: {
      name: say(say(iri, `${TERMS}spatial`) ?? "", LABEL),
      lat: number(say(iri, `${GEO}lat`)),
      long: number(say(iri, `${GEO}long`)),
    },
  });
}

/** How many like the post and with which emoji how many reacted, as far as its page lists them. */
function feelingsIn(iri: string, triples: readonly PlainTriple[]): Pick<ShownPost, "likes" | "reactions"> {
  const about = triples.filter((each) => each.predicate === `${AS}object` && each.object === iri);
  const acts = new Set(about.map(({ subject }) => subject));
  const said = (predicate: string): readonly string[] =>
    triples.filter((each) => each.predicate === predicate && acts.has(each.subject)).map(({ object }) => object);
  const likes = said(RDF_TYPE).filter((type) => type === `${AS}Like`).length;
  const reactions = [...Map.groupBy(said(`${AS}content`), (emoji) => emoji)]
    .map(([emoji, all]) => ({ emoji, count: all.length }))
    .sort((a, b) => b.count - a.count);
  return { ...(likes === 0 ? {} : { likes }), ...(reactions.length === 0 ? {} : { reactions }) };
}

/** Triples grouped by subject, with the last part of each property's name. */
function resourceText(triples: readonly PlainTriple[], paint: Paint): string {
  const groups = Map.groupBy(triples, ({ subject }) => subject);
  return [...groups]
    .map(([subject, group]) => {
      const lines = group.map(({ predicate, object, isLiteral }) => {
        const name = /([^#/]+)[#/]?$/.exec(predicate)?.[1] ?? predicate;
        return `  ${paint("dim", inline(name))} ${isLiteral ? plain(object).replaceAll("\n", "\n    ") : paint("cyan", inline(object))}`;
      });
      return `${paint("bold", inline(subject))}\n${lines.join("\n")}\n`;
    })
    .join("\n");
}
