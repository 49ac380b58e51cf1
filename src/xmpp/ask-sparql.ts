import { resultsFromXml } from "../atom/sparql-results-xml.ts";
import { standAlone } from "../atom/xml.ts";
import type { XmlElement } from "../atom/xml-element.ts";
import type { Jid } from "../core/jid.ts";
import type { SparqlAnswer, SparqlAsk } from "../hub/ports/xmpp-link.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { RdfFormat } from "../rdf/format.ts";
import type { Iri } from "../rdf/iri.ts";
import { parseRdf } from "../rdf/parse.ts";
import type { Quad, Term } from "../rdf/term.ts";
import { rdf } from "../vocab/rdf.ts";
import { type AnsweredPage, answeredPageOf } from "./decode/disco.ts";
import { questionToXml } from "./encode/encode-sparql.ts";
import { NS } from "./namespaces.ts";

/** LIMIT: pages of one answer. */
const PAGES_MAX = 500;
/** What a row weighs beside its values: so many empty ones are bounded, too. */
const ROW_LENGTH = 16;
/** COMPAT: what the programs of 2005 answered with around `<sparql/>`. */
const FRAMES = ["query", "query-result"] as const;

/**
 * Asks a service by SPARQL in an IQ and reads the answer page by page to its end. `ask` sends one IQ. Nothing that came
 * is believed: it is bounded in bytes, rows and pages, and must go on where it stopped.
 */
export async function askSparql(
  to: Jid,
  question: SparqlAsk,
  ask: (child: string) => Promise<XmlElement | Refusal>,
): Promise<SparqlAnswer | Refusal> {
  const reading = new Reading(to, question);
  let after: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await ask(questionToXml(question.text, after, question.askedBy));
    if (isRefusal(answer)) return whyRefused(answer);
    const next = await reading.take(answer);
    if (isRefusal(next)) return next;
    if (next === undefined) return await reading.answer();
    after = next;
  }
  return refuse("too-large", `${to} answered with more than ${PAGES_MAX} pages; ask for less.`);
}

/** What asks for a pause says so by its condition, and what is too large too. */
function whyRefused(refusal: Refusal): Refusal {
  switch (refusal.detail?.["condition"]) {
    case "resource-constraint":
      return refuse("unavailable", refusal.message, refusal.detail);
    case "policy-violation":
      return refuse("too-large", refusal.message, refusal.detail);
    default:
      return refusal;
  }
}

type Row = ReadonlyMap<string, Term>;

/** The RDF of one page. */
interface GraphPage {
  readonly format: RdfFormat;
  readonly text: string;
  readonly quads: readonly Quad[];
}

/** An answer as far as it came. */
class Reading {
  readonly #to: Jid;
  readonly #question: SparqlAsk;
  #variables: readonly string[] | undefined;
  readonly #rows: Row[] = [];
  readonly #graphs: GraphPage[] = [];
  #boolean: boolean | undefined;
  #bytes = 0;
  #count: number | undefined;

  constructor(to: Jid, question: SparqlAsk) {
    this.#to = to;
    this.#question = question;
  }

  /** Takes a page; gives the row to go on after, or undefined at the end. */
  async take(answer: XmlElement): Promise<string | undefined | Refusal> {
    const before = this.#got;
    const read = await this.#read(answer);
    if (isRefusal(read)) return read;
    if (this.#bytes > this.#question.bytes_max) {
      return refuse("too-large", `Expected at most ${this.#question.bytes_max} bytes of ${this.#to}, but got more.`);
    }
    return this.#boolean === undefined ? this.#next(read, before) : undefined;
  }

  async answer(): Promise<SparqlAnswer | Refusal> {
    if (this.#boolean !== undefined) return { kind: "boolean", value: this.#boolean };
    if (this.#variables !== undefined) return { kind: "bindings", variables: this.#variables, rows: this.#rows };
    const [first, more] = this.#graphs;
    if (first === undefined || more === undefined) return { kind: "quads", quads: first?.quads ?? [] };
    if (first.format === "rdfxml") return { kind: "quads", quads: this.#graphs.flatMap(({ quads }) => quads) };
    // Read as one text, since a blank node that pages share has the same label in all of them.
    const quads = await this.#parse("turtle", this.#graphs.map(({ text }) => text).join("\n"));
    return isRefusal(quads) ? quads : { kind: "quads", quads };
  }

  get #got(): number {
    return this.#rows.length + this.#graphs.reduce((sum, { quads }) => sum + quads.length, 0);
  }

  get #left(): number {
    return this.#question.rows_max - this.#got;
  }

  #next(set: AnsweredPage | undefined, before: number): string | undefined | Refusal {
    if (set === undefined) return undefined;
    const got = this.#got;
    if (set.index !== undefined && set.index !== before) {
      return this.#strange(`gave a page that begins at ${set.index} where ${before} comes next`);
    }
    if (this.#count !== undefined && set.count !== undefined && set.count !== this.#count) {
      return this.#strange(`said that there are ${this.#count} rows, and then ${set.count}`);
    }
    this.#count ??= set.count;
    const isAll = this.#count !== undefined && got >= this.#count;
    if (isAll || (got === before && this.#count === undefined)) return undefined;
    if (got === before || set.last === undefined) return this.#strange(`stopped after ${got} rows of ${this.#count}`);
    return set.last;
  }

  async #read(answer: XmlElement): Promise<AnsweredPage | undefined | Refusal> {
    const frame = FRAMES.map((name) => answer.getChild(name, NS.sparql)).find((each) => each !== undefined);
    const holder = frame ?? answer;
    const sparql = holder.getChild("sparql", NS.sparqlResults);
    const no = sparql === undefined ? await this.#readGraph(holder) : this.#readResults(sparql);
    return no ?? answeredPageOf(sparql) ?? answeredPageOf(frame);
  }

  #readResults(sparql: XmlElement): Refusal | undefined {
    const results = resultsFromXml(sparql, this.#left);
    if (isRefusal(results)) return this.#unreadable(results);
    if (this.#graphs.length > 0) return this.#strange("answered with rows after triples");
    if (results.kind === "boolean") {
      this.#boolean = results.value;
      return undefined;
    }
    if (this.#variables !== undefined && this.#variables.join(" ") !== results.variables.join(" ")) {
      return this.#strange("gave pages with different variables");
    }
    this.#variables = results.variables;
    this.#bytes += results.length + results.rows.length * ROW_LENGTH;
    // Not by spreading: a page may have more rows than a call takes arguments.
    for (const row of results.rows) this.#rows.push(row);
    return undefined;
  }

  async #readGraph(holder: XmlElement): Promise<Refusal | undefined> {
    const turtle = holder.getChild("turtle", NS.sterna);
    const xml = turtle === undefined ? holder.getChild("RDF", rdf.namespace) : undefined;
    const format = xml === undefined ? "turtle" : "rdfxml";
    const text = turtle?.getText() ?? (xml && standAlone(xml));
    if (text === undefined) return this.#strange("answered with neither SPARQL results nor RDF");
    if (this.#variables !== undefined) return this.#strange("answered with triples after rows");
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#question.bytes_max) return undefined;
    const quads = await this.#parse(format, text);
    if (isRefusal(quads)) return quads;
    this.#graphs.push({ format, text, quads });
    return undefined;
  }

  async #parse(format: RdfFormat, text: string): Promise<readonly Quad[] | Refusal> {
    const quads = await parseRdf(text, {
      format,
      baseIri: `xmpp:${this.#to}` as Iri,
      quads_max: this.#question.rows_max,
    });
    return isRefusal(quads) ? this.#unreadable(quads) : quads;
  }

  #unreadable({ code, message }: Refusal): Refusal {
    const kind = code === "too-large" ? code : "remote-refused";
    return refuse(kind, `${this.#to} sent what cannot be read: ${message}`);
  }

  #strange(does: string): Refusal {
    return refuse("remote-refused", `${this.#to} ${does}.`);
  }
}
