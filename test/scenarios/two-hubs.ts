import { startTestEjabberd } from "../support/ejabberd.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";

const SECRET = "tern";

const DOMAINS = ["here.localhost", "there.localhost"] as const;
const COMPONENTS = DOMAINS.map((domain) => ({ domain, secret: SECRET }));

/** Two hubs as two components of one real server. */
interface HubPair extends AsyncDisposable {
  readonly here: HubProcess;
  readonly there: HubProcess;
}

/** Two hubs on one real Prosody. */
export interface TwoHubs extends HubPair {
  readonly prosody: Awaited<ReturnType<typeof startTestProsody>>;
}

/** Starts a Prosody and two hubs that know each other only by what they find out. */
export async function startTwoHubs(env: Readonly<Record<string, string>> = {}): Promise<TwoHubs> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await startTestProsody({ components: COMPONENTS }));
  const pair = stack.use(await startPair(() => prosody.service, env));
  const all = stack.move();
  return { ...pair, prosody, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The same on an ejabberd. */
export async function startTwoHubsOnEjabberd(): Promise<HubPair> {
  await using stack = new AsyncDisposableStack();
  const ejabberd = stack.use(await startTestEjabberd({ components: COMPONENTS }));
  const pair = stack.use(await startPair(ejabberd.serviceOf, {}));
  const all = stack.move();
  return { ...pair, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function startPair(
  serviceOf: (domain: string) => string,
  env: Readonly<Record<string, string>>,
): Promise<HubPair> {
  await using stack = new AsyncDisposableStack();
  const start = async (domain: string): Promise<HubProcess> => {
    const xmpp = { service: serviceOf(domain), domain, secret: SECRET };
    return stack.use(await HubProcess.start({ xmpp, env }));
  };
  const here = await start(DOMAINS[0]);
  const there = await start(DOMAINS[1]);
  const all = stack.move();
  return { here, there, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
