import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

const STREAM = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='s'>";

/** The server's end of one component's stream: lets anybody in, passes nothing on, and says whatever it is told to. */
export interface FakeXmppServer extends AsyncDisposable {
  readonly service: string;
  /** Writes to the component, as a server would never do. */
  send(xml: string): void;
  /** Asks the component for something it answers after all that came before; gives what it wrote until then. */
  heard(): Promise<readonly XmlElement[]>;
  /** How many streams were opened. */
  readonly streams: number;
}

/** Starts it on a free port of this machine, for the component `domain`. */
export async function startFakeXmppServer(domain: string): Promise<FakeXmppServer> {
  let text = "";
  let streams = 0;
  let pings = 0;
  /** Asked again on a new stream: what was said on the last one may have ended it. */
  let question = "";
  let socket: Socket | undefined;
  const waiting = new Set<() => void>();
  /** A component may be let in a moment before it answers, and what it is asked then is lost. */
  const askAgain = (inner: Socket): void => {
    const timer = setInterval(() => {
      if (question === "" || inner.destroyed) clearInterval(timer);
      else inner.write(question);
    }, 50);
  };
  const server = createServer((inner) => {
    socket = inner;
    inner.setEncoding("utf8").setNoDelay(true);
    inner.on("error", () => undefined);
    inner.on("data", (chunk: string) => {
      if (chunk.includes("<stream:stream")) {
        streams++;
        inner.write(STREAM);
        return;
      }
      if (chunk.startsWith("<handshake")) {
        inner.write("<handshake/>");
        if (question !== "") askAgain(inner);
        return;
      }
      text += chunk;
      for (const tell of waiting) tell();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const untilPinged = async (): Promise<string> => {
    const id = `fake-ping-${++pings}`;
    // From the component's own address, which no bound of others holds for.
    question = `<iq type='get' id='${id}' from='${domain}' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`;
    socket?.write(question);
    const end = new RegExp(`<iq[^>]*id="${id}"[^>]*(?:/>|></iq>)`);
    while (!end.test(text)) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
      });
      waiting.clear();
    }
    question = "";
    const match = end.exec(text);
    const before = text.slice(0, match?.index);
    text = text.slice((match?.index ?? 0) + (match?.[0].length ?? 0)).replaceAll(new RegExp(end, "g"), "");
    return before;
  };
  const heard = async (): Promise<readonly XmlElement[]> => {
    // An answer that is at hand may overtake others; what came before it is done when the next is asked.
    const before = `${await untilPinged()}${await untilPinged()}`.replaceAll("</stream:stream>", "");
    const all = parseXml(`<all xmlns='jabber:component:accept'>${before}</all>`);
    if (isRefusal(all)) throw new Error(`${all.message}\n${before}`);
    return all.getChildElements();
  };
  return {
    service: `xmpp://127.0.0.1:${port}`,
    send: (xml) => socket?.write(xml),
    heard,
    get streams() {
      return streams;
    },
    [Symbol.asyncDispose]: async () => {
      socket?.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
