// @xmpp/component 0.13 brings no types; these are the parts used.
declare module "@xmpp/component" {
  import type { EventEmitter } from "node:events";
  import type { Socket } from "node:net";
  import type { Element } from "ltx";

  export interface Component extends EventEmitter {
    status: string;
    socket: Socket | null;
    parser: unknown;
    readonly reconnect: { stop(): void };
    _onData(data: string | Buffer): void;
    connect(service: string): Promise<void>;
    open(options: { readonly domain: string }): Promise<void>;
    stop(): Promise<void>;
    write(text: string): Promise<void>;
    on(event: "stanza", listener: (stanza: Element) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    on(event: "connect" | "online" | "disconnect", listener: () => void): this;
  }
  export function component(options: {
    readonly service: string;
    readonly domain: string;
    readonly password: string;
  }): Component;
}
