// Runs in a network namespace and passes TCP on from there, as its parent process orders over IPC. An order comes with
// the socket to listen to, which the parent opened where it is itself, or names an address of this namespace.
import { connect, createServer, type Server, type Socket } from "node:net";

/** What to pass on. */
export interface RelayOrder {
  readonly number: number;
  /** Where to listen, when no socket comes along. */
  readonly at?: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  /** How long each piece of what comes in is kept. */
  readonly delay_ms: number;
}

/** What became of an order: it is carried out, unless there is a problem. */
export interface RelayAnswer {
  readonly number: number;
  readonly problem?: string;
}

process.on("message", (order: RelayOrder, handle: unknown) => {
  const server = handle === undefined ? createServer() : (handle as Server);
  server.on("connection", (near: Socket) => pass(near, order));
  const answer = (problem?: Error): void => {
    const { number } = order;
    process.send?.({ number, ...(problem && { problem: problem.message }) } satisfies RelayAnswer);
  };
  server.once("error", answer);
  if (order.at === undefined) answer();
  else server.listen(order.at.port, order.at.host, () => answer());
});
// Whoever ordered is gone.
process.once("disconnect", () => process.exit());

function pass(near: Socket, { to, delay_ms }: RelayOrder): void {
  const far = connect(to.port, to.host);
  for (const socket of [near, far]) {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      near.destroy();
      far.destroy();
    });
  }
  if (delay_ms === 0) near.pipe(far);
  else near.on("data", (chunk) => setTimeout(() => far.write(chunk), delay_ms));
  far.pipe(near);
}
