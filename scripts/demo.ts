// `npm run demo`: two hubs with accounts on a real Prosody, doing the whole job on real data, each step with its time.
// Stays up with both addresses; `--once` exits.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually, HubProcess, type TestAccount } from "../test/scenarios/hub-process.ts";
import { startTestProsody, testProsody } from "../test/support/prosody.ts";

const ROOT = join(import.meta.dirname, "..");
const LSBENCH = join(ROOT, "../shared/data/lsbench");
const SAMPLE = join(import.meta.dirname, "sample");
const SECRET = "demo";
const once = process.argv.includes("--once");

if (process.argv.includes("--help") || process.argv.includes("-h")) {
  console.log("npm run demo [-- --once]\n\nShows two hubs at work on one machine; --once exits when all is shown.");
  process.exit(0);
}

let count = 0;
async function step<T>(what: string, work: () => Promise<T>, said?: (result: T) => string): Promise<T> {
  const begin = performance.now();
  const result = await work();
  const ms = performance.now() - begin;
  const time = ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
  console.log(`${String(++count).padStart(2)}. ${what}${said === undefined ? "" : `: ${said(result)}`}  (${time})`);
  return result;
}

/** Runs the real command line against a hub; shows what it was and what it said. */
async function sterna(account: TestAccount | undefined, hub: HubProcess, ...args: readonly string[]): Promise<string> {
  const token = account?.token ?? (await hub.ownerToken());
  const child = spawn(process.execPath, [join(ROOT, "src/sterna.ts"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: hub.folder,
      STERNA_URL: hub.base,
      STERNA_TOKEN: token,
      NO_COLOR: "1",
    },
  });
  let [output, problem] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    problem += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0 && args[0] !== "import")
    throw new Error(`sterna ${args.join(" ")} ended with ${code}: ${problem || output}`);
  return output.trim() === "" ? problem.trim() : output.trim();
}

await using stack = new AsyncDisposableStack();
if ((await testProsody()) === undefined) {
  await step("Prosody is fetched from Debian into .services (no root needed)", async () => {
    const child = spawn(process.execPath, [join(ROOT, "scripts/fetch-services.ts"), "prosody"], { stdio: "inherit" });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    if (code !== 0) {
      console.error("The demo needs a Prosody; install it with your package manager and run the demo again.");
      process.exit(1);
    }
  });
}
const prosody = await step("A real XMPP server (Prosody) is up", async () =>
  stack.use(
    await startTestProsody({
      components: ["here.localhost", "there.localhost"].map((domain) => ({ domain, secret: SECRET })),
    }),
  ),
);
const start = async (domain: string): Promise<HubProcess> =>
  stack.use(await HubProcess.start({ xmpp: { service: prosody.service, domain, secret: SECRET } }));
const here = await step(
  "The first hub is up",
  () => start("here.localhost"),
  (hub) => hub.base,
);
const there = await step(
  "The second hub is up",
  () => start("there.localhost"),
  (hub) => hub.base,
);
const alice = await step(
  "Alice has an account on the first",
  () => here.account("alice", { displayName: "Alice", language: "en" }),
  ({ jid }) => jid,
);
const bob = await step(
  "Bob has one on the second",
  () => there.account("bob", { displayName: "Bob" }),
  ({ jid }) => jid,
);

const real = existsSync(join(LSBENCH, "posts.ttl.gz"));
const files = real
  ? [join(LSBENCH, "people.ttl.gz"), join(LSBENCH, "posts.ttl.gz")]
  : [join(SAMPLE, "people.ttl"), join(SAMPLE, "posts.ttl")];
await step(
  `${real ? "LSBench's" : "The sample's"} people and posts are imported on the second hub`,
  () => sterna(undefined, there, "import", ...files),
  (said) =>
    said
      .split("\n")
      .filter((line) => line.includes(" stored"))
      .map((line) => line.replace(/^.*\//, ""))
      .join("; "),
);
const older = await step("Alice posts from the command line", () =>
  sterna(alice, here, "post", "Good morning from the first hub #hello"),
);
await step(
  "Bob follows alice@here.localhost",
  () => sterna(bob, there, "follow", alice.jid),
  (said) => said.split("\n")[0] ?? "",
);
await step("Her older post has come along", () =>
  eventually("the backfill", async () => (await there.posts(alice.iri)).size === 1),
);
await step("Alice posts again, and it arrives at Bob's hub", async () => {
  const iri = await alice.post("Does anybody here write about music? #music");
  await eventually("the push", async () => (await there.posts(alice.iri)).has(iri));
});
await step("Bob answers; his hub now holds the thread", async () => {
  const [question] = [...(await there.posts(alice.iri)).keys()].slice(-1);
  return await sterna(bob, there, "reply", question ?? older, "Many people on this hub do!");
});
const query = `PREFIX sioc: <http://rdfs.org/sioc/ns#>
SELECT ?who (COUNT(?post) AS ?posts) {
  ?post sioc:has_creator ?creator
  BIND(IF(STRSTARTS(STR(?creator), "${here.base}"), "Alice's hub", IF(STRSTARTS(STR(?creator), "${there.base}"), "Bob's hub", "imported")) AS ?who)
} GROUP BY ?who ORDER BY ?who`;
const answer = await step("Bob's SPARQL endpoint answers about all of it", () =>
  sterna(bob, there, "query", query, "--format", "csv"),
);
console.log(
  answer
    .split("\n")
    .map((line) => `      ${line.trim()}`)
    .join("\n"),
);

const before = await there.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }");
await step("Bob's hub is killed (kill -9) and started again", async () => {
  await there.end("SIGKILL");
  await there.up();
});
const after = await there.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }");
const [had, has] = [before[0]?.["n"], after[0]?.["n"]];
if (had !== has) throw new Error(`Something was lost: ${had} triples before, ${has} after.`);
console.log(`    Nothing is lost: ${has} triples before and after.`);

if (!once) {
  console.log(`\nBoth hubs stay up until Ctrl-C:
  ${here.base}   (Alice: STERNA_URL=${here.base} STERNA_TOKEN=${alice.token})
  ${there.base}   (Bob:   STERNA_URL=${there.base} STERNA_TOKEN=${bob.token})
Try: STERNA_URL=${here.base} STERNA_TOKEN=${alice.token} npx sterna post "Hello"`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
