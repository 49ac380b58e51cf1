import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeTerm } from "../../rdf/ntriples.ts";
import { blankNode, type Term } from "../../rdf/term.ts";
import { termId } from "../../rdf/term-id.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { NetworkQuestion } from "../ports/network-plan.ts";
import { datasetOf, type Requester } from "../ports/requester.ts";
import type { ServiceCall, ServiceRows } from "../ports/sparql-syntax.ts";
import { askableBy, FOLLOW_FIRST, isAskable } from "./askable-hubs.ts";
import { KnownTerms } from "./network/known-terms.ts";
import { unitsOf } from "./network/question-units.ts";

/** LIMIT: terms in one request to an endpoint, rows and bytes that it gives in all, and milliseconds for each request. */
const BATCH_TERMS = 100;
const SERVICE_ROWS_MAX = 10_000;
const SERVICE_BYTES_MAX = 4 * 1_024 * 1_024;
const SERVICE_TIMEOUT_MS = 10_000;

/** A query with what its SERVICE clauses gave. */
export interface CalledServices {
  readonly text: string;
  readonly services: readonly ServiceRows[];
}

/** How to call services. */
export interface ServiceWish {
  readonly signal?: AbortSignal;
  readonly from?: string;
  readonly baseIri: Iri;
  /** Whether the query goes over the dataset itself, so that this can tell what to ask for. */
  readonly isPlain: boolean;
}

/**
 * Asks the endpoints that a query names by SERVICE, side by side: hubs of the accounts that the requester follows, and
 * those that the hub's owner allows. What this hub knows of a clause's variables narrows what is asked, some at a time.
 * Undefined where a query names none. Refuses with `forbidden` who has no account, and endpoints that are not allowed;
 * what keeps an endpoint from answering is a Refusal too, unless the clause is SILENT.
 */
export async function callServices(
  hub: HubPorts,
  by: Requester,
  text: string,
  wish: ServiceWish,
): Promise<CalledServices | undefined | Refusal> {
  if (!/\bservice\b/i.test(text)) return undefined;
  const found = hub.sparql.serviceCalls(text, wish.baseIri);
  if (isRefusal(found)) return found;
  if (found.calls.length === 0) return undefined;
  if (by.kind !== "account") {
    return refuse(
      "forbidden",
      "Expected an account to ask other endpoints by SERVICE, but got nobody; log in, or ask the other endpoint itself.",
    );
  }
  const askable = askableBy(hub, by.iri);
  const stranger = found.calls.find(({ endpoint }) => !isAskable(askable, endpoint));
  if (stranger !== undefined) {
    return refuse(
      "forbidden",
      `Expected SERVICE with the hub of somebody you follow, or one that this hub's owner allows (STERNA_SERVICES), but got <${stranger.endpoint.slice(0, 200)}>; ${FOLLOW_FIRST}.`,
    );
  }
  const narrower = narrowerFor(hub, by, found.text, wish);
  const answers = await Promise.all(found.calls.map((call, at) => callOne(hub, call, at, narrower, wish)));
  const services: ServiceRows[] = [];
  for (const answer of answers) {
    if (isRefusal(answer)) return answer;
    services.push(answer);
  }
  return { text: found.text, services };
}

/** What a variable of a service can be by what is known here; undefined when that is not known. */
type Narrower = (mark: Term, variable: string) => Promise<readonly Term[] | undefined>;

function narrowerFor(
  hub: HubPorts,
  by: Requester,
  text: string,
  { isPlain, signal, from, baseIri }: ServiceWish,
): Narrower {
  const read = isPlain ? hub.sparql.networkQuestion(text, baseIri) : undefined;
  if (read === undefined || isRefusal(read)) return () => Promise.resolve(undefined);
  const isMark = ({ value }: Term): boolean => value.startsWith("urn:sterna:service:");
  const question: NetworkQuestion = {
    ...read,
    groups: read.groups.map((group) => ({
      ...group,
      values: group.values.filter(({ terms }) => !terms.some(isMark)),
    })),
  };
  const units = unitsOf(question);
  const closed = new Set(units.map(({ at }) => at));
  const known = new KnownTerms(hub, question, units, {
    dataset: datasetOf(by),
    baseIri,
    ...(signal === undefined ? {} : { signal }),
    ...(from === undefined ? {} : { requester: from }),
  });
  return async (mark, variable) => {
    const group = read.groups.findIndex(({ values }) =>
      values.some((each) => each.variable === variable && each.terms.some((term) => term.equals(mark))),
    );
    return group < 0 ? undefined : await known.of(group, variable, closed, () => []);
  };
}

async function callOne(
  hub: HubPorts,
  call: ServiceCall,
  at: number,
  narrower: Narrower,
  wish: ServiceWish,
): Promise<ServiceRows | Refusal> {
  const rows = await rowsOf(hub, call, narrower, wish);
  // SPARQL 1.1 Federated Query §4: a silent failure is one solution that binds nothing.
  if (isRefusal(rows)) return call.silent ? { variables: [], terms: [null] } : rows;
  const { variables } = call;
  const terms = rows.flatMap((row) =>
    variables.map((name) => {
      const term = row.get(name);
      if (term === undefined) return null;
      return termId(term.termType === "BlankNode" ? blankNode(`service${at}.${term.value}`) : term);
    }),
  );
  return { variables, terms };
}

async function rowsOf(
  hub: HubPorts,
  call: ServiceCall,
  narrower: Narrower,
  { signal }: ServiceWish,
): Promise<readonly ReadonlyMap<string, Term>[] | Refusal> {
  const texts = await textsOf(call, narrower);
  const late = AbortSignal.timeout(SERVICE_TIMEOUT_MS);
  const limit = AbortSignal.any([late, ...(signal === undefined ? [] : [signal])]);
  const answers = await Promise.all(
    texts.map((query) =>
      hub.remoteQueries.ask({
        to: { endpoint: call.endpoint.endsWith("/") ? (`${call.endpoint}sparql` as Iri) : call.endpoint },
        query,
        kind: "bindings",
        signal: limit,
        bytes_max: SERVICE_BYTES_MAX,
        rows_max: SERVICE_ROWS_MAX,
      }),
    ),
  );
  const rows: ReadonlyMap<string, Term>[] = [];
  for (const [batch, answer] of answers.entries()) {
    if (isRefusal(answer)) return answer;
    if (answer.kind !== "bindings") return refuse("remote-refused", `<${call.endpoint}> gave no rows.`);
    rows.push(...answer.rows.map((row) => ofBatch(row, batch)));
  }
  if (rows.length <= SERVICE_ROWS_MAX) return rows;
  return refuse(
    "too-large",
    `Expected at most ${SERVICE_ROWS_MAX} rows of <${call.endpoint}>, but got ${rows.length}; ask it for less.`,
  );
}

/** Blank nodes of two answers are different. */
function ofBatch(row: ReadonlyMap<string, Term>, batch: number): ReadonlyMap<string, Term> {
  return new Map(
    [...row].map(([name, term]) => [name, term.termType === "BlankNode" ? blankNode(`${batch}.${term.value}`) : term]),
  );
}

/** The question itself, or for some of the terms at a time that its rarest variable can be. */
async function textsOf({ select, variables, mark }: ServiceCall, narrower: Narrower): Promise<readonly string[]> {
  let least: { readonly variable: string; readonly terms: readonly Term[] } | undefined;
  for (const variable of variables) {
    const terms = await narrower(mark, variable);
    // A blank node of this hub is in no other.
    if (terms === undefined || terms.some(({ termType }) => termType === "BlankNode")) continue;
    if (least === undefined || terms.length < least.terms.length) least = { variable, terms };
  }
  if (least === undefined) return [select];
  const { variable, terms } = least;
  const batches = Array.from({ length: Math.ceil(terms.length / BATCH_TERMS) }, (_, at) =>
    terms.slice(at * BATCH_TERMS, (at + 1) * BATCH_TERMS),
  );
  return batches.map((batch) => `${select} VALUES ?${variable} { ${batch.map(writeTerm).join(" ")} }`);
}
