import type { XmppLink, XmppStatus } from "../hub/ports/xmpp-link.ts";
import { type Refusal, refuse } from "../outcome/refusal.ts";

/** An {@link XmppLink} whose other end comes later, or never: a hub serves HTTP while its server is being fetched. */
export interface LinkSwitch extends XmppLink {
  /** Passes everything on to `link` from now on. */
  use(link: XmppLink): void;
  /** Says why there is no link (yet). */
  set(status: XmppStatus): void;
}

/** A switch that begins with `status` and no link. */
export function createLinkSwitch(status: XmppStatus): LinkSwitch {
  let present = status;
  let inner: XmppLink | undefined;
  const listeners = new Set<(status: XmppStatus) => void>();
  const tell = (next: XmppStatus): void => {
    present = next;
    for (const listener of listeners) listener(next);
  };
  const none = (): Promise<Refusal> => {
    const why = present.kind === "off" ? present.reason : "it is still starting";
    return Promise.resolve(refuse("unavailable", `XMPP is not available on this hub: ${why}.`));
  };
  return {
    get status() {
      return inner?.status ?? present;
    },
    get counts() {
      return inner?.counts;
    },
    use: (link) => {
      inner = link;
      link.onStatus(tell);
      tell(link.status);
    },
    set: tell,
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify: (deliveries) => inner?.notify(deliveries) ?? none(),
    sendPresence: (...args) => inner?.sendPresence(...args) ?? none(),
    sendReceipt: async (from, to, id) => {
      await inner?.sendReceipt(from, to, id);
    },
    say: (...args) => inner?.say(...args) ?? none(),
    capabilities: (...args) => inner?.capabilities(...args) ?? none(),
    askSparql: (...args) => inner?.askSparql(...args) ?? none(),
    confirm: (...args) => inner?.confirm(...args) ?? none(),
    discover: (...args) => inner?.discover(...args) ?? none(),
    discoverItems: (...args) => inner?.discoverItems(...args) ?? none(),
    subscribe: (...args) => inner?.subscribe(...args) ?? none(),
    unsubscribe: (...args) => inner?.unsubscribe(...args) ?? none(),
    affiliation: (...args) => inner?.affiliation(...args) ?? none(),
    publish: (...args) => inner?.publish(...args) ?? none(),
    retract: (...args) => inner?.retract(...args) ?? none(),
    items: (...args) => inner?.items(...args) ?? none(),
  };
}
