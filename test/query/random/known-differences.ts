import type { Answer } from "./answer.ts";
import {
  type Case,
  failed,
  hasAbsentEnd,
  hasDouble,
  hasIllTyped,
  hasLanguage,
  hasLocalTime,
  hasNamelessInCount,
  hasOtherForms,
  isPruned,
  isTestedText,
  isTriple,
  type Recognise,
  says,
} from "./recognise.ts";

/** Something that a peer of the engine under test is known to answer otherwise than SPARQL 1.1 has it. */
export interface KnownDifference {
  readonly peer: "comunica" | "oxigraph";
  /** What it does, and what is right. */
  readonly what: string;
  /** Whether it is met in calm queries too, because nothing in a query tells it. */
  readonly inCalm?: boolean;
  /** Whether it may be what makes an answer different. */
  readonly isMet?: Recognise;
  /** The peer's answer as it would be without; to be preferred, since all else is still compared. */
  readonly mended?: (met: Case) => Answer;
}

const COUNTS_WHAT_HAS_NO_NAME =
  "COUNT(DISTINCT *) counts what blank nodes and steps of paths are; they are in no solution (§18.3.1)";

/** All that is known, found by these very tests with Comunica 5.4 and Oxigraph 0.5. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    peer: "comunica",
    what: "an exception outside of its streams would end the process, as for two OPTIONALs of which the first is a path",
    inCalm: true,
    isMet: ({ answer }) => answer.kind === "error" && answer.broken === true,
  },
  {
    peer: "comunica",
    what: "it finds no way to join some OPTIONALs, or paths over predicates that no triple has, and gives up",
    inCalm: true,
    isMet: failed(/RDF joining failed|Attempted to assign zero sources|Cannot read properties of undefined/),
  },
  {
    peer: "comunica",
    what: "CONSTRUCT gives triples with literals as subjects or blank nodes as predicates; they are to be left out (§16.2)",
    inCalm: true,
    mended: ({ answer }) =>
      answer.kind === "quads" ? { kind: "quads", quads: answer.quads.filter(isTriple) } : answer,
  },
  {
    peer: "comunica",
    what: "an aggregate without GROUP BY over a path that no triple has has no row; there is one, of the empty group (§18.5.1)",
    inCalm: true,
    isMet: (met) => isPruned(met) && says(/(COUNT|SUM|AVG|MIN|MAX|SAMPLE|GROUP_CONCAT)\(/)(met),
  },
  {
    peer: "comunica",
    what: "paths of length zero lose solutions where no triple has the predicate, or there are two of them",
    inCalm: true,
    isMet: (met) => says(/[)\w][*?][ )|/]/)(met),
  },
  {
    peer: "comunica",
    what: "REDUCED takes a string and the same with a language for one row; a row has to come at least once (§15.3.2)",
    inCalm: true,
    isMet: says(/REDUCED/),
  },
  {
    peer: "comunica",
    what: "rows are lost where a negated property set is joined",
    inCalm: true,
    isMet: says(/!\(\^?:/),
  },
  {
    peer: "comunica",
    what: "OPTIONAL loses solutions whose right side leaves a shared variable unbound",
    inCalm: true,
    isMet: says(/OPTIONAL \{.*(UNION|OPTIONAL|VALUES|SELECT)/),
  },
  {
    peer: "comunica",
    what: "a subselect that leaves a variable unbound is joined as if it were bound",
    inCalm: true,
    isMet: says(/\{ SELECT/),
  },
  {
    peer: "comunica",
    what: "SUM, AVG and GROUP_CONCAT leave out what is unbound; that is an error and there is no value (§18.5.1)",
    isMet: says(/(SUM|AVG|GROUP_CONCAT|SAMPLE)\(/),
  },
  {
    peer: "comunica",
    what: "MIN and MAX of anything but numbers, strings and times is an error; they go by the order of ORDER BY (§18.5.1.5)",
    isMet: says(/(MIN|MAX)\(/),
  },
  {
    peer: "comunica",
    what: "arithmetic with an ill-typed number ends the query; it is a type error (§17.2)",
    isMet: failed(/BigNumber Error/),
  },
  {
    peer: "comunica",
    what: "integers and decimals are held in doubles, so that digits beyond the sixteenth are lost; they are exact (XPath §4.2)",
    inCalm: true,
    isMet: ({ text, data }) =>
      (/\d{16}/.test(text) || data.some(({ object }) => /\d{16}/.test(object.value))) &&
      /SUM|AVG|xsd:|[-+*/<>=] |ABS|CEIL|FLOOR|ROUND|ORDER|MIN|MAX/.test(text),
  },
  {
    peer: "comunica",
    what: "an xsd:float is held in the 64 bits of a double; it has 32 (XML Schema §3.3.4)",
    inCalm: true,
    isMet: ({ text, data }) =>
      (/xsd:float/.test(text) ||
        data.some(({ object }) => object.termType === "Literal" && object.datatype.value.endsWith("#float"))) &&
      /SUM|AVG|xsd:|[-+*/<>=] |ABS|CEIL|FLOOR|ROUND|STR|ORDER|MIN|MAX/.test(text),
  },
  {
    peer: "oxigraph",
    what: "`=` of literals of different kinds is false; it is a type error (§17.4.1.7)",
    isMet: says(/ !?= | IN \(/),
  },
  {
    peer: "comunica",
    what: "functions of an ill-typed literal are errors, DATATYPE and sameTerm too; it is a literal like others (§17.4.2)",
    isMet: hasIllTyped,
  },
  {
    peer: "comunica",
    what: "a text with a language is no truth value; by §17.2.2 every plain literal is one, as the engine has it",
    isMet: isTestedText,
  },
  {
    peer: "comunica",
    what: "IRI of a text that is no IRI is left open, and so is whether it is resolved (§17.4.2.8)",
    isMet: says(/(?<!is)IRI\(/),
  },
  {
    peer: "comunica",
    what: "STRBEFORE and STRAFTER lose the language of an empty part; only where nothing is found has it none (§17.4.3.9)",
    isMet: says(/STRBEFORE|STRAFTER/),
  },
  {
    peer: "comunica",
    what: "texts go by halves of surrogate pairs; XPath's order is by code points",
    isMet: ({ text, data }) => {
      const all = [text, ...data.map(({ object }) => object.value)].join();
      return all.includes("～") && all.includes("😀");
    },
  },
  {
    peer: "comunica",
    what: "a closure between a variable and itself has other ends too, or none",
    isMet: says(/(\?\w) \S*[+*]\S* \1/),
  },
  {
    peer: "comunica",
    what: "DESCRIBE of a variable that is not bound describes everything; there is nothing to describe (§16.4)",
    isMet: says(/DESCRIBE \?/),
  },
  {
    peer: "comunica",
    what: "FILTER(?x = 1) of a variable that nothing binds is taken to bind it; it is an error and keeps nothing",
    isMet: says(/FILTER\([^{}]*\?\w+ = [^()]*\)/),
  },
  {
    peer: "comunica",
    what: COUNTS_WHAT_HAS_NO_NAME,
    inCalm: true,
    isMet: hasNamelessInCount,
  },
  {
    peer: "oxigraph",
    what: COUNTS_WHAT_HAS_NO_NAME,
    inCalm: true,
    isMet: hasNamelessInCount,
  },
  {
    peer: "oxigraph",
    what: "texts with a language are compared by `<`; there is no such operator for them, and it is a type error (§17.3)",
    isMet: (met) => says(/[<>]=? /)(met) && hasLanguage(met),
  },
  {
    peer: "oxigraph",
    what: "comparing NaN is an error; NaN is neither less nor more than anything (XPath op:numeric-less-than)",
    isMet: (met) =>
      says(/[<>]/)(met) &&
      says(/NaN/)({ ...met, text: `${met.text} ${met.data.map(({ object }) => object.value).join(" ")}` }),
  },
  {
    peer: "oxigraph",
    what: "MIN and MAX of values that cannot be compared are left open, as is ORDER BY's order of them (§15.1)",
    isMet: says(/(MIN|MAX)\(/),
  },
  {
    peer: "oxigraph",
    what: "a time with a zone and one without are not compared; XPath takes an implicit zone for the second, here UTC",
    inCalm: true,
    isMet: hasLocalTime,
  },
  {
    peer: "oxigraph",
    what: "STR of a double is its canonical form; it is the lexical form of the term (§17.4.2.5)",
    inCalm: true,
    isMet: (met) => says(/STR|CONCAT|REGEX|CASE|CONTAINS|ENCODE|REPLACE/)(met) && hasDouble(met),
  },
  {
    peer: "oxigraph",
    what: "a text with a language is no truth value; by §17.2.2 every plain literal is one, as the engine has it",
    isMet: isTestedText,
  },
  {
    peer: "oxigraph",
    what: "IRI of a text that is no IRI is left open, and so is whether it is resolved (§17.4.2.8)",
    isMet: says(/(?<!is)IRI\(/),
  },
  {
    peer: "comunica",
    what: "GRAPH around what begins with nothing, as an OPTIONAL does, has that though there are no named graphs (§18.6)",
    isMet: says(/GRAPH \S+ \{ (OPTIONAL|MINUS|FILTER|BIND|VALUES|\})/),
  },
  {
    peer: "oxigraph",
    what: "GRAPH around VALUES has them though there are no named graphs; it has nothing (§18.6)",
    isMet: says(/GRAPH .*VALUES/),
  },
  {
    peer: "oxigraph",
    what: "alternatives in a path give a solution once that comes by two ways; it comes twice (§18.4, Union)",
    isMet: says(/[^|]\|[^|]/),
  },
  {
    peer: "oxigraph",
    what: "a negated property set between a variable and itself has other solutions twice",
    isMet: says(/!\(\^?:/),
  },
  {
    peer: "oxigraph",
    what: "a decimal times 0, and 0 by a decimal, are errors; they are 0",
    isMet: says(/[\w)] [*/] [\w(?]/),
  },
  {
    peer: "oxigraph",
    what: "MINUS inside of EXISTS removes all that is compatible, as if what is bound around were shared; values are in its place (§18.6)",
    inCalm: true,
    isMet: says(/EXISTS \{.* MINUS/),
  },
  {
    peer: "oxigraph",
    what: "DESCRIBE goes on through blank nodes; what it gives is left open (§16.4)",
    isMet: says(/DESCRIBE/),
  },
  {
    peer: "oxigraph",
    what: "an aggregate without GROUP BY over a pattern seen to be empty has no row; there is one, of the empty group (§18.5.1)",
    inCalm: true,
    isMet: says(/SELECT (\(.* AS \?\w+\) )+WHERE .*(FILTER|VALUES)/),
  },
  {
    peer: "oxigraph",
    what: "a variable of GROUP BY that no pattern has is refused as unbound; it is a key without a value",
    inCalm: true,
    isMet: failed(/variable that is unbound/),
  },
  {
    peer: "oxigraph",
    what: "numbers and times are kept as values, so that different terms of the same value are one, written otherwise",
    inCalm: true,
    isMet: hasOtherForms,
  },
  {
    peer: "oxigraph",
    what: "a path of length zero has no solution at a term that is in no triple; it has one (§18.4, ALP)",
    inCalm: true,
    isMet: hasAbsentEnd,
  },
];
