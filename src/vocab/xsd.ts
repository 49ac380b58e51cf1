// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** XML Schema datatypes. */
export const xsd = Object.freeze({
  namespace: "http://www.w3.org/2001/XMLSchema#",
  /** A URI, as a text. */
  anyURI: namedNode("http://www.w3.org/2001/XMLSchema#anyURI"),
  /** Bytes in base 64. */
  base64Binary: namedNode("http://www.w3.org/2001/XMLSchema#base64Binary"),
  /** True or false. */
  boolean: namedNode("http://www.w3.org/2001/XMLSchema#boolean"),
  /** A whole number of 8 bits. */
  byte: namedNode("http://www.w3.org/2001/XMLSchema#byte"),
  /** A calendar date. */
  date: namedNode("http://www.w3.org/2001/XMLSchema#date"),
  /** A moment, with or without an offset from UTC. */
  dateTime: namedNode("http://www.w3.org/2001/XMLSchema#dateTime"),
  /** A moment with its offset from UTC. */
  dateTimeStamp: namedNode("http://www.w3.org/2001/XMLSchema#dateTimeStamp"),
  /** A duration in days, hours, minutes and seconds. */
  dayTimeDuration: namedNode("http://www.w3.org/2001/XMLSchema#dayTimeDuration"),
  /** A decimal number. */
  decimal: namedNode("http://www.w3.org/2001/XMLSchema#decimal"),
  /** A floating-point number of 64 bits. */
  double: namedNode("http://www.w3.org/2001/XMLSchema#double"),
  /** A duration. */
  duration: namedNode("http://www.w3.org/2001/XMLSchema#duration"),
  /** A floating-point number of 32 bits. */
  float: namedNode("http://www.w3.org/2001/XMLSchema#float"),
  /** A day of a month. */
  gDay: namedNode("http://www.w3.org/2001/XMLSchema#gDay"),
  /** A month. */
  gMonth: namedNode("http://www.w3.org/2001/XMLSchema#gMonth"),
  /** A day of a year. */
  gMonthDay: namedNode("http://www.w3.org/2001/XMLSchema#gMonthDay"),
  /** A year. */
  gYear: namedNode("http://www.w3.org/2001/XMLSchema#gYear"),
  /** A month of a year. */
  gYearMonth: namedNode("http://www.w3.org/2001/XMLSchema#gYearMonth"),
  /** Bytes in base 16. */
  hexBinary: namedNode("http://www.w3.org/2001/XMLSchema#hexBinary"),
  /** A whole number of 32 bits. */
  int: namedNode("http://www.w3.org/2001/XMLSchema#int"),
  /** A whole number. */
  integer: namedNode("http://www.w3.org/2001/XMLSchema#integer"),
  /** A language tag (BCP 47). */
  language: namedNode("http://www.w3.org/2001/XMLSchema#language"),
  /** A whole number of 64 bits. */
  long: namedNode("http://www.w3.org/2001/XMLSchema#long"),
  /** A whole number below 0. */
  negativeInteger: namedNode("http://www.w3.org/2001/XMLSchema#negativeInteger"),
  /** A whole number from 0 up. */
  nonNegativeInteger: namedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger"),
  /** A whole number from 0 down. */
  nonPositiveInteger: namedNode("http://www.w3.org/2001/XMLSchema#nonPositiveInteger"),
  /** A text without tabs and line ends. */
  normalizedString: namedNode("http://www.w3.org/2001/XMLSchema#normalizedString"),
  /** A whole number from 1 up. */
  positiveInteger: namedNode("http://www.w3.org/2001/XMLSchema#positiveInteger"),
  /** A whole number of 16 bits. */
  short: namedNode("http://www.w3.org/2001/XMLSchema#short"),
  /** A text. */
  string: namedNode("http://www.w3.org/2001/XMLSchema#string"),
  /** A time of day. */
  time: namedNode("http://www.w3.org/2001/XMLSchema#time"),
  /** A text without runs of spaces. */
  token: namedNode("http://www.w3.org/2001/XMLSchema#token"),
  /** A whole number from 0, of 8 bits. */
  unsignedByte: namedNode("http://www.w3.org/2001/XMLSchema#unsignedByte"),
  /** A whole number from 0, of 32 bits. */
  unsignedInt: namedNode("http://www.w3.org/2001/XMLSchema#unsignedInt"),
  /** A whole number from 0, of 64 bits. */
  unsignedLong: namedNode("http://www.w3.org/2001/XMLSchema#unsignedLong"),
  /** A whole number from 0, of 16 bits. */
  unsignedShort: namedNode("http://www.w3.org/2001/XMLSchema#unsignedShort"),
  /** A duration in years and months. */
  yearMonthDuration: namedNode("http://www.w3.org/2001/XMLSchema#yearMonthDuration"),
});
