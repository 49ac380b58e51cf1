import { readdir, readFile } from "node:fs/promises";
import { Fault } from "../outcome/fault.ts";
import { isRefusal } from "../outcome/refusal.ts";
import type { Iri } from "../rdf/iri.ts";
import { type Operation, parseQuery } from "./syntax/parse-query.ts";

/** One query of the program, read once. */
export interface CatalogueQuery {
  readonly name: string;
  readonly text: string;
  readonly operation: Operation;
  /** Variables that are bound when it runs, as its header says (`# ?name: what it is`). */
  readonly parameters: readonly string[];
  /** Variables of its solutions, in order. */
  readonly columns: readonly string[];
}

/** Every query of the program by name. */
export type Catalogue = ReadonlyMap<string, CatalogueQuery>;

/** Our own texts name everything in full; no base matters. */
const NO_BASE = "urn:sterna:" as Iri;

/**
 * Reads and parses `*.rq` of a folder.
 * @throws Fault `internal` that names the file when one cannot be parsed
 */
export async function loadCatalogue(folder: URL): Promise<Catalogue> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".rq")).sort();
  const queries = await Promise.all(
    names.map(async (file): Promise<readonly [string, CatalogueQuery]> => {
      const text = await readFile(new URL(file, folder), "utf8");
      const operation = parseQuery(text, NO_BASE);
      if (isRefusal(operation)) throw new Fault("internal", `sparql/${file}: ${operation.message}`);
      const name = file.slice(0, -".rq".length);
      const parameters = [...text.matchAll(/^# \?(\w+):/gm)].map(([, parameter = ""]) => parameter);
      return [name, { name, text, operation, parameters, columns: columnsOf(operation) }];
    }),
  );
  return new Map(queries);
}

/** What a SELECT gives out, below its LIMIT and DISTINCT; nothing for the other forms. */
function columnsOf(operation: Operation): readonly string[] {
  const { type, input, variables } = operation as {
    readonly type: string;
    readonly input?: Operation;
    readonly variables?: readonly { readonly value: string }[];
  };
  if (type === "project") return variables?.map(({ value }) => value) ?? [];
  return input === undefined || Array.isArray(input) ? [] : columnsOf(input);
}
