import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { findService } from "../../scripts/services.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { must } from "./sample-hub.ts";

/**
 * What Raptor reads in a text, in one of its input formats (`turtle`, `rdfxml`, `ntriples`, `rdfa`): parsers that share
 * nothing with ours. Throws its complaints, among them those about pages that are not well-formed XML.
 */
export async function readByRaptor(format: string, input: string, url: string): Promise<readonly Quad[]> {
  const { command, parameters, env } = must(await findService("rapper"));
  const child = spawn(command, [...parameters, "-q", "-i", format, "-o", "ntriples", "-", url], {
    env: { ...process.env, ...env },
  });
  child.stdin.end(input);
  const [output, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (/error/i.test(problems)) throw new Error(problems);
  return must(await parseRdf(output, { format: "ntriples", baseIri: url as Iri }));
}
