import { request as requestHttp } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { openSampleHub, type SampleHub } from "./sample-hub.ts";

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  readonly json: () => Record<string, unknown>;
}

export interface Asked {
  readonly method?: string;
  readonly accept?: string;
  readonly token?: string;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A sample hub and how to ask it over a real connection; paths are sent as they are written, without normalising. */
export interface Loopback extends AsyncDisposable {
  readonly sample: SampleHub;
  readonly ask: (path: string, asked?: Asked) => Promise<Reply>;
  /** Bytes on a bare connection, and all that comes back until it ends. */
  readonly raw: (bytes: string | Uint8Array) => Promise<string>;
}

export async function openLoopback(env: Readonly<Record<string, string>> = {}): Promise<Loopback> {
  const sample = await openSampleHub(env);
  const { hostname, port } = new URL(sample.hub.url);
  const basePath = new URL(sample.base).pathname;
  return {
    sample,
    ask: (path, asked = {}) => ask({ hostname, port, basePath }, path, asked),
    raw: async (bytes) => {
      const socket = connect(Number(port), hostname);
      socket.write(bytes);
      return await text(socket);
    },
    [Symbol.asyncDispose]: () => sample[Symbol.asyncDispose](),
  };
}

function ask(
  to: { readonly hostname: string; readonly port: string; readonly basePath: string },
  path: string,
  { method = "GET", accept, token, type, body, headers = {} }: Asked,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = requestHttp({
      hostname: to.hostname,
      port: to.port,
      method,
      path: path.startsWith("/") ? path : to.basePath + path,
      agent: false,
      headers: {
        ...(accept === undefined ? {} : { accept }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(type === undefined ? {} : { "content-type": type }),
        ...headers,
      },
    });
    request.once("error", reject);
    request.once("response", (response) => {
      const flat = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
      text(response).then(
        (all) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: flat,
            text: all,
            json: () => JSON.parse(all) as Record<string, unknown>,
          }),
        reject,
      );
    });
    request.end(body);
  });
}

/** The path of an IRI of the hub, below its base. */
export function pathOf({ sample }: Loopback, iri: string): string {
  if (!iri.startsWith(sample.base)) throw new Error(`${iri} is not of ${sample.base}`);
  return iri.slice(sample.base.length);
}

/** Sends JSON to a loopback that is open by then. */
export function jsonTo(loopback: () => Loopback) {
  return (method: string, path: string, token: string | undefined, body: unknown): Promise<Reply> =>
    loopback().ask(path, {
      method,
      type: "application/json",
      body: JSON.stringify(body),
      ...(token === undefined ? {} : { token }),
    });
}
