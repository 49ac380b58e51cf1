/** LIMIT: lines of a robots.txt that are read, and characters of one (RFC 9309 §2.5 wants 500 KiB at least in all). */
const LINES_MAX = 50_000;
const LINE_LENGTH_MAX = 2_000;
/** LIMIT: rules for one agent; what is forbidden beyond them is asked for all the same. */
const RULES_MAX = 5_000;

/** Says whether an agent may fetch a path with its query, by the rules of a robots.txt (RFC 9309 §2.2). */
export type Robots = (path: string) => boolean;

/** Reads a robots.txt for one agent: the groups that name it, or else those for everybody. */
export function readRobots(text: string, agent: string): Robots {
  const named: Rule[] = [];
  const everybody: Rule[] = [];
  let groups: (Rule[] | undefined)[] = [];
  let isNaming = false;
  let isNamed = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/, LINES_MAX)) {
    const { key, value } = readLine(line);
    switch (key) {
      case "user-agent": {
        if (!isNaming) groups = [];
        isNaming = true;
        const isUs = value.toLowerCase() === agent.toLowerCase();
        isNamed ||= isUs;
        groups.push(isUs ? named : value === "*" ? everybody : undefined);
        break;
      }
      case "allow":
      case "disallow":
        isNaming = false;
        if (value === "") break;
        for (const group of groups) {
          if (group !== undefined && group.length < RULES_MAX) group.push(ruleOf(key === "allow", value));
        }
        break;
      default:
    }
  }
  const rules = isNamed ? named : everybody;
  return (path) => mayFetch(rules, comparable(path).replaceAll("*", "%2A").replaceAll("$", "%24"));
}

interface Rule {
  readonly allows: boolean;
  /** What stands between the `*` of its path. */
  readonly parts: readonly string[];
  /** Whether it ends with `$`. */
  readonly isWhole: boolean;
  readonly length: number;
}

/** One line without its comment; found by position, since a line may be made to be slow to match. */
function readLine(line: string): { readonly key: string; readonly value: string } {
  const comment = line.indexOf("#");
  const said = line.slice(0, comment < 0 ? LINE_LENGTH_MAX : Math.min(comment, LINE_LENGTH_MAX));
  const colon = said.indexOf(":");
  if (colon < 0) return { key: "", value: "" };
  return { key: said.slice(0, colon).trim().toLowerCase(), value: said.slice(colon + 1).trim() };
}

function ruleOf(allows: boolean, value: string): Rule {
  const isWhole = value.endsWith("$");
  const path = comparable(isWhole ? value.slice(0, -1) : value).replaceAll("$", "%24");
  return { allows, parts: path.split("*"), isWhole, length: path.length };
}

/** The longest rule counts; of equal ones the one that allows (RFC 9309 §2.2.2). */
function mayFetch(rules: readonly Rule[], path: string): boolean {
  let best: Rule | undefined;
  for (const rule of rules) {
    const longer = rule.length - (best?.length ?? -1);
    if ((longer > 0 || (longer === 0 && rule.allows)) && matches(rule, path)) best = rule;
  }
  return best?.allows ?? true;
}

/** Whether a rule's path begins a path, or is all of it. */
function matches({ parts, isWhole }: Rule, path: string): boolean {
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (index === 0) {
      if (!path.startsWith(part)) return false;
      at = part.length;
    } else if (isLast && isWhole) {
      return path.length - part.length >= at && path.endsWith(part);
    } else {
      const found = path.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
  }
  return !isWhole || at === path.length;
}

/** A path as paths are compared: other signs than ASCII escaped, those that need no escape without one. */
function comparable(path: string): string {
  const mark = path.indexOf("?");
  const [before, query] = mark < 0 ? [path, ""] : [path.slice(0, mark), path.slice(mark + 1)];
  const shown = mark < 0 ? escaped(before) : `${escaped(before)}?${escaped(query).replace(/[:/?@[\]]/g, escapeOf)}`;
  return shown;
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\x21-\x7E]/gu, encodeURIComponent)
    .replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
      const sign = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(sign) ? sign : escape.toUpperCase();
    });
}

function escapeOf(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}
