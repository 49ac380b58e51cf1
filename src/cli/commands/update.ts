import type { Command } from "commander";
import { isRecord } from "../cli-config.ts";
import { type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { countOf, inline } from "../output/terminal-text.ts";
import { sparqlText } from "../sparql-text.ts";

/** `sterna update FILE|TEXT`: changes graphs of one's own by SPARQL Update. */
export function updateCommand(io: CliIo): Command {
  return hubCommand("update", "Change your own graphs with SPARQL Update: all of the request or nothing.", [
    "sterna update tidy.ru",
    `sterna update 'INSERT DATA { GRAPH <alice/graphs/bookmarks> { <https://example.org/> <http://purl.org/dc/terms/title> "A page" } }'`,
    "sterna update 'DROP GRAPH <alice/graphs/bookmarks>'",
  ])
    .argument("<update>", 'a file with an update, or its text; "-" reads it from standard input')
    .action(async (update: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const response = await hub.send("sparql", {
        method: "POST",
        contentType: "application/sparql-update",
        accept: "application/json",
        body: await sparqlText(io, update, "an update"),
      });
      const done: unknown = await response.json().catch(() => undefined);
      if (options.json === true) return printJson(io, done ?? {});
      await io.stdout.write(doneText(done));
    });
}

function doneText(done: unknown): string {
  const graphs = isRecord(done) && Array.isArray(done["graphs"]) ? (done["graphs"] as readonly unknown[]) : [];
  if (graphs.length === 0) return "Nothing changed.\n";
  const lines = graphs.map((each) => {
    const triples = isRecord(each) ? each["triples"] : undefined;
    const left = typeof triples === "number" ? countOf(triples, "triple") : "dropped";
    return `${inline(textIn(each, "graph") ?? "")}  ${left}\n`;
  });
  return lines.join("");
}
