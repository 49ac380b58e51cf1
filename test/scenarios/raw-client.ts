import { RawStream } from "./raw-stream.ts";

const STREAM = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'";

/** Somebody logged in to their XMPP server with a client that says whatever it is told to. */
export class RawClient extends RawStream {
  #ids = 0;

  /** Logs in at a server that takes SASL PLAIN. */
  static async open(port: number, jid: string, password: string): Promise<RawClient> {
    const [name = "", domain = ""] = jid.split("@");
    const client = new RawClient(port);
    await client.connected();
    const secret = Buffer.from(`\0${name}\0${password}`).toString("base64");
    client.say(`<stream:stream ${STREAM} to='${domain}'>`);
    client.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`);
    await client.hears(/<success/);
    client.say(`<stream:stream ${STREAM} to='${domain}'>`);
    await client.ask("set", undefined, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
    return client;
  }

  /** Sends an IQ, and resolves with the head of its answer: the type, and the error's condition with the type error. */
  async ask(type: "get" | "set", to: string | undefined, child: string): Promise<string> {
    const id = `c${++this.#ids}`;
    this.say(`<iq type='${type}' id='${id}'${to === undefined ? "" : ` to='${to}'`}>${child}</iq>`);
    const head = new RegExp(`<iq [^>]*id=['"]${id}['"][^>]*>.*?(?=<iq |<message |$)`, "s");
    const [answer] = await this.hears(head);
    return answer;
  }

  /** Publishes an item with publish-options as Movim does for a microblog. */
  async publish(to: string | undefined, node: string, id: string, entry: string): Promise<string> {
    const field = (name: string, value: string): string =>
      `<field var='pubsub#${name}'><value>${value}</value></field>`;
    const type = `<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>`;
    const form = `<x xmlns='jabber:x:data' type='submit'>${type}${field("access_model", "open")}${field("persist_items", "true")}${field("max_items", "max")}</x>`;
    const options = to === undefined ? `<publish-options>${form}</publish-options>` : "";
    return await this.ask(
      "set",
      to,
      `<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='${node}'><item id='${id}'>${entry}</item></publish>${options}</pubsub>`,
    );
  }
}
