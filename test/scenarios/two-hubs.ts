import { freePort } from "../support/free-port.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";

const SECRET = "tern";

/** Two hubs on one real Prosody, as two components of it. */
export interface TwoHubs extends AsyncDisposable {
  readonly here: HubProcess;
  readonly there: HubProcess;
  readonly prosody: Awaited<ReturnType<typeof startTestProsody>>;
}

/** Starts a Prosody and two hubs that know each other only by what they find out. */
export async function startTwoHubs(env: Readonly<Record<string, string>> = {}): Promise<TwoHubs> {
  await using stack = new AsyncDisposableStack();
  const domains = ["here.localhost", "there.localhost"] as const;
  const prosody = stack.use(
    await startTestProsody({ components: domains.map((domain) => ({ domain, secret: SECRET })) }),
  );
  const { service } = prosody;
  const start = async (domain: string): Promise<HubProcess> =>
    stack.use(await HubProcess.start({ port: await freePort(), xmpp: { service, domain, secret: SECRET }, env }));
  const here = await start(domains[0]);
  const there = await start(domains[1]);
  const all = stack.move();
  return { here, there, prosody, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
