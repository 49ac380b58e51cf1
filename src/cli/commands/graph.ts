import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { messageOf } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import type { HubClient, HubOptions } from "../hub-client.ts";
import { command, hubCommand, hubOf, printJson, readStdin } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { readNTriples } from "../output/ntriples-lines.ts";
import { writeBody } from "../output/response-text.ts";
import { inline } from "../output/terminal-text.ts";
import { GRAPH_MEDIA_TYPES } from "./show.ts";

// COMPAT: spelled out, see show.ts.
const AUDIENCE = "https://w3id.org/sterna#audience";
const PUBLIC = "https://w3id.org/sterna#Public";

type GraphFormat = keyof typeof GRAPH_MEDIA_TYPES;
const FORMATS = Object.keys(GRAPH_MEDIA_TYPES) as readonly GraphFormat[];

const EXTENSIONS: Readonly<Record<string, GraphFormat>> = {
  ttl: "turtle",
  nt: "ntriples",
  jsonld: "jsonld",
  json: "jsonld",
  rdf: "rdfxml",
  owl: "rdfxml",
  xml: "rdfxml",
};

/** `sterna graph list|get|put|delete`: the graphs an account writes for itself. */
export function graphCommand(io: CliIo): Command {
  return command("graph", "Keep graphs of your own: notes, bookmarks, tags about anything.", [
    "sterna graph put bookmarks bookmarks.ttl",
    "sterna graph list",
    "sterna graph get bookmarks",
  ])
    .addCommand(listCommand(io))
    .addCommand(getCommand(io))
    .addCommand(putCommand(io))
    .addCommand(deleteCommand(io));
}

function listCommand(io: CliIo): Command {
  return hubCommand("list", "List your graphs.", ["sterna graph list", "sterna graph list --json"]).action(
    async (options: HubOptions) => {
      const hub = await hubOf(io, options);
      const response = await hub.send(await hub.ownPath("graphs"), { accept: "application/n-triples" });
      const graphs = readNTriples(await response.text()).flatMap(({ subject, predicate, object }) =>
        predicate === AUDIENCE ? [{ graph: subject, public: object === PUBLIC }] : [],
      );
      if (options.json === true) return printJson(io, graphs);
      const lines = graphs.map((each) => `${inline(each.graph)}  ${each.public ? "public" : "private"}\n`);
      await io.stdout.write(lines.length === 0 ? "No graphs yet.\n" : lines.join(""));
    },
  );
}

function getCommand(io: CliIo): Command {
  return hubCommand("get", "Print a graph: one of yours by its name, or any document of the hub by its IRI.", [
    "sterna graph get bookmarks",
    "sterna graph get https://hub.example/bob/posts/3k2abcdefghij --format jsonld",
  ])
    .argument("<graph>", "its name, or an IRI")
    .addOption(new Option("-f, --format <format>", "how to print it").choices(FORMATS).default("turtle"))
    .action(async (graph: string, options: HubOptions & { readonly format: GraphFormat }) => {
      const hub = await hubOf(io, options);
      await writeBody(io, await hub.send(await addressOf(hub, graph), { accept: GRAPH_MEDIA_TYPES[options.format] }));
    });
}

function putCommand(io: CliIo): Command {
  return hubCommand("put", "Write a graph of yours from RDF; private unless it says otherwise of itself.", [
    "sterna graph put bookmarks bookmarks.ttl",
    "sterna graph put bookmarks more.ttl --add",
    "sterna graph put bookmarks - --format jsonld < bookmarks.jsonld",
  ])
    .argument("<graph>", "its name, or its IRI")
    .argument("<file>", 'a file with RDF; "-" reads it from standard input')
    .addOption(new Option("-f, --format <format>", "what the file is, when its name does not tell").choices(FORMATS))
    .option("--add", "keep what is there, and add to it")
    .action(
      async (
        graph: string,
        file: string,
        options: HubOptions & { readonly format?: GraphFormat; readonly add?: boolean },
      ) => {
        const hub = await hubOf(io, options);
        const format = options.format ?? formatOf(file);
        const method = options.add === true ? "POST" : "PUT";
        const address = await addressOf(hub, graph);
        const body = await rdfText(io, file);
        await hub.send(address, { method, body, contentType: GRAPH_MEDIA_TYPES[format] });
        if (options.json === true) await printJson(io, { graph });
        else await io.stdout.write(`Wrote ${inline(graph)}\n`);
      },
    );
}

function deleteCommand(io: CliIo): Command {
  return hubCommand("delete", "Delete graphs of yours.", ["sterna graph delete bookmarks"])
    .argument("<graph...>", "their names, or IRIs")
    .action(async (graphs: string[], options: HubOptions) => {
      const hub = await hubOf(io, options);
      for (const graph of graphs) {
        await hub.send(await addressOf(hub, graph), { method: "DELETE" });
        if (options.json === true) await printJson(io, { graph });
        else await io.stdout.write(`Deleted ${inline(graph)}\n`);
      }
    });
}

/** A name stands for a graph of one's own; an IRI is asked for at the graph store. */
async function addressOf(hub: HubClient, graph: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(graph)) return `sparql/graph?graph=${encodeURIComponent(graph)}`;
  return await hub.ownPath(`graphs/${encodeURIComponent(graph)}`);
}

function formatOf(file: string): GraphFormat {
  const found = EXTENSIONS[/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ""];
  if (found !== undefined) return found;
  throw new CommandEnd(
    EXIT.usage,
    `Expected a file that ends in ${Object.keys(EXTENSIONS)
      .map((name) => `.${name}`)
      .join(", ")}, but got "${file}"; say what it is with --format.`,
  );
}

async function rdfText(io: CliIo, file: string): Promise<string> {
  if (file === "-") return await readStdin(io);
  try {
    return await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    throw new CommandEnd(EXIT.usage, `Expected a file with RDF, but ${file} cannot be read: ${messageOf(error)}.`);
  }
}
