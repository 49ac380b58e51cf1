import type { ProsodyAccount, ProsodyComponent, ProsodyFederation } from "../../src/xmpp/server/prosody-config.ts";
import { startTestEjabberd } from "./ejabberd.ts";
import { startTestProsody } from "./prosody.ts";

/** The servers that whatever is said about "an XMPP server" is tested with. */
export const XMPP_SERVERS = ["prosody", "ejabberd"] as const;
export type XmppServerName = (typeof XMPP_SERVERS)[number];

/** A real XMPP server for one test, on ports of its own, gone when it ends. */
export interface TestXmppServer extends AsyncDisposable {
  /** `xmpp://127.0.0.1:PORT` of a component. */
  serviceOf(domain: string): string;
  /** Where the accounts log in, on loopback, without TLS. */
  readonly c2sPort: number;
  readonly pid: number;
  /** Kills the process (SIGKILL) and resolves when it is up again. */
  crash(): Promise<void>;
}

/** What a test wants of whichever server. */
export interface TestXmppServerOptions {
  readonly components: readonly ProsodyComponent[];
  readonly accounts?: readonly ProsodyAccount[];
  /** Default off. */
  readonly federation?: ProsodyFederation;
}

/** Starts one; throws where it is not on this machine, saying how to get it. */
export async function startTestXmppServer(
  name: XmppServerName,
  options: TestXmppServerOptions,
): Promise<TestXmppServer> {
  return name === "prosody" ? await startTestProsody(options) : await startTestEjabberd(options);
}
