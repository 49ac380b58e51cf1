import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { findService } from "../../scripts/services.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { must } from "./sample-hub.ts";

/** The triples that Raptor finds in a page: an RDFa reader (and an XML parser) that shares nothing with ours. */
export async function readRdfa(page: string, url: string): Promise<readonly Quad[]> {
  return await readByRaptor("rdfa", page, url);
}

/** The triples that Raptor reads in one of its input formats: `turtle`, `rdfxml`, `ntriples`, `rdfa`. */
export async function readByRaptor(format: string, input: string, url: string): Promise<readonly Quad[]> {
  const { command, parameters, env } = must(await findService("rapper"));
  const child = spawn(command, [...parameters, "-q", "-i", format, "-o", "ntriples", "-", url], {
    env: { ...process.env, ...env },
  });
  child.stdin.end(input);
  const [output, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (problems.includes("Error")) throw new Error(problems);
  return must(await parseRdf(output, { format: "ntriples", baseIri: url as Iri }));
}
