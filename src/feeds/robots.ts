/** LIMIT: lines of a robots.txt that are read (RFC 9309 §2.5 wants 500 KiB at least, which these hold). */
const LINES_MAX = 10_000;

/** Says whether an agent may fetch a path, by the rules of a robots.txt (RFC 9309 §2.2). */
export type Robots = (path: string) => boolean;

/** Reads a robots.txt for one agent: the groups that name it, or else those for everybody. */
export function readRobots(text: string, agent: string): Robots {
  const named: Rule[] = [];
  const everybody: Rule[] = [];
  let groups: (readonly Rule[] | undefined)[] = [];
  let isNaming = false;
  let isNamed = false;
  for (const line of text.split(/\r\n|\r|\n/).slice(0, LINES_MAX)) {
    const [, key = "", value = ""] = /^\s*([A-Za-z-]+)\s*:\s*([^#]*?)\s*(?:#.*)?$/.exec(line) ?? [];
    switch (key.toLowerCase()) {
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
        for (const group of groups)
          (group as Rule[] | undefined)?.push({ allows: key.toLowerCase() === "allow", path: value });
        break;
      default:
    }
  }
  const rules = isNamed ? named : everybody;
  return (path) => {
    let best: Rule | undefined;
    for (const rule of rules) {
      if (!matches(rule.path, path)) continue;
      // The longest rule counts; of equal ones the one that allows.
      const longer = rule.path.length - (best?.path.length ?? -1);
      if (longer > 0 || (longer === 0 && rule.allows)) best = rule;
    }
    return best?.allows ?? true;
  };
}

interface Rule {
  readonly allows: boolean;
  readonly path: string;
}

/** Whether a rule's path, with `*` for anything and `$` for the end, begins a path. */
function matches(rule: string, path: string): boolean {
  const isWhole = rule.endsWith("$");
  const parts = (isWhole ? rule.slice(0, -1) : rule).split("*");
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
