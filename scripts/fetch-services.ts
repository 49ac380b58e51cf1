// Finds what tests need beyond npm and fetches what is missing: `node scripts/fetch-services.ts [NAME …]`.
// Exit code 1 when something cannot be had, 2 for a name that is not known.
import { isRefusal } from "../src/outcome/refusal.ts";
import type { FetchProgress } from "../src/xmpp/server/debian-packages.ts";
import { downloadSize, findService, SERVICE_NAMES, type ServiceName } from "./services.ts";

function isServiceName(name: string): name is ServiceName {
  return (SERVICE_NAMES as readonly string[]).includes(name);
}

/** Shows progress on standard error: one line that changes on a terminal, else a line for each quarter. */
function showProgress(name: ServiceName): (progress: FetchProgress) => void {
  let shown = "";
  return ({ step, percent, text }) => {
    const onTerminal = process.stderr.isTTY;
    const rounded = onTerminal ? Math.floor(percent) : Math.floor(percent / 25) * 25;
    const title = step === "unpack" ? "Unpacking" : text;
    const line = `${name}: ${title} … ${rounded}%`;
    if (line === shown) return;
    shown = line;
    process.stderr.write(
      onTerminal ? `\r\x1b[K${line}${step === "unpack" && percent === 100 ? "\n" : ""}` : `${line}\n`,
    );
  };
}

async function fetchServices(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !isServiceName(name));
  if (unknown.length > 0) {
    process.stderr.write(`Expected names out of ${SERVICE_NAMES.join(", ")}, but got ${unknown.join(", ")}.\n`);
    return 2;
  }
  const missing: string[] = [];
  for (const name of names.length > 0 ? names.filter(isServiceName) : SERVICE_NAMES) {
    const here = await findService(name);
    if (isRefusal(here)) process.stderr.write(`${name}: not here, fetching about ${downloadSize(name)}\n`);
    const program = isRefusal(here) ? await findService(name, { fetch: true, onProgress: showProgress(name) }) : here;
    if (isRefusal(program)) missing.push(name);
    console.log(isRefusal(program) ? `${name}: missing. ${program.message}` : `${name}: ${program.command}`);
  }
  return missing.length > 0 ? 1 : 0;
}

process.exitCode = await fetchServices(process.argv.slice(2));
