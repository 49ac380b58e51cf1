import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";

/** Connects as a component (XEP-0114) and lets the socket say text. */
export async function component(service: string, secret: string, domain: string): Promise<Socket> {
  const { hostname, port } = new URL(service);
  const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding("utf8");
  socket.write(
    `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  );
  await new Promise<void>((resolve) => {
    let text = "";
    const read = (chunk: string): void => {
      text += chunk;
      const id = /<stream:stream[^>]*\bid=['"]([^'"]+)['"]/.exec(text)?.[1];
      if (id !== undefined && !text.includes("handshake")) {
        socket.write(
          `<handshake>${createHash("sha1")
            .update(id + secret)
            .digest("hex")}</handshake>`,
        );
        text = `${text} `;
      }
      if (/<handshake\s*\/>|<\/handshake>/.test(text)) {
        socket.off("data", read);
        resolve();
      }
    };
    socket.on("data", read);
  });
  return socket;
}
