import { createHash } from "node:crypto";
import { RawStream } from "./raw-stream.ts";

/** A component of a server (XEP-0114) that says whatever it is told to. */
export class RawComponent extends RawStream {
  /** Connects as `domain`; resolves when the server took the handshake. */
  static async open(port: number, domain: string, secret: string): Promise<RawComponent> {
    const component = new RawComponent(port);
    await component.connected();
    component.say(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
    );
    const [, id = ""] = await component.hears(/<stream:stream[^>]*\bid=['"]([^'"]+)/);
    component.say(`<handshake>${createHash("sha1").update(`${id}${secret}`).digest("hex")}</handshake>`);
    await component.hears(/<handshake\s*\/>|<handshake>/);
    return component;
  }
}
