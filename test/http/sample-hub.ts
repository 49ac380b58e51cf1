import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../src/config.ts";
import { createAccount } from "../../src/hub/accounts/create-account.ts";
import { followAccount } from "../../src/hub/following/follow-account.ts";
import type { Requester } from "../../src/hub/ports/requester.ts";
import { editPost } from "../../src/hub/posts/edit-post.ts";
import { type PublishedPost, publishPost } from "../../src/hub/posts/publish-post.ts";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { type RunningHub, startHub } from "../../src/wire.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A hub with two accounts and posts of every kind, on real storage in a temporary folder, without XMPP. */
export interface SampleHub extends AsyncDisposable {
  readonly hub: RunningHub;
  readonly base: Iri;
  readonly tokens: { readonly alice: string; readonly bob: string; readonly owner: string };
  readonly alice: Requester;
  readonly bob: Requester;
  /** Alice's posts by what is special about them. */
  readonly posts: Readonly<Record<"plain" | "edited" | "arabic" | "tricky", PublishedPost>>;
  /** Bob's answer to the plain one. */
  readonly reply: PublishedPost;
}

export const TRICKY_TEXT =
  "Lines\n\n  and   spaces\t& <b>\"markup\"</b> 'quoted' ]]>\r\nhttps://example.org/a?b=1&c=2 #Terns @bob 👩‍👩‍👧‍👦 \u2028end ";

/** Starts one; `env` overrides its options. */
export async function openSampleHub(env: Readonly<Record<string, string>> = {}): Promise<SampleHub> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sterna-http-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const config = readConfig({
    STERNA_DATA: folder,
    STERNA_HOST: "127.0.0.1",
    STERNA_BASE: "http://hub.example/",
    STERNA_TITLE: "Lake & Sea",
    STERNA_DESCRIPTION: 'Where people talk about "terns" & other birds.',
    STERNA_XMPP: "off",
    ...env,
  });
  const hub = stack.use(await startHub({ ...config, port: env["STERNA_PORT"] === undefined ? 0 : config.port }, quiet));
  const { ports } = hub;
  const base = ports.identity.base;
  const addAccount = async (
    name: string,
    rest: object,
  ): Promise<{ readonly by: Requester; readonly token: string }> => {
    const made = must(await createAccount(ports, { kind: "owner" }, { name, ...rest }));
    return { by: { kind: "account", account: made.account, iri: made.iri }, token: made.token };
  };
  const alice = await addAccount("alice", {
    displayName: "Alice L. <3",
    bio: "Watches birds.\nAt the lake.",
    language: "en",
    homepage: "https://alice.example/",
  });
  const bob = await addAccount("bob", { displayName: "בוב", linkedJids: ["bob@jabber.example"] });
  const post = async (text: string, rest: object = {}): Promise<PublishedPost> =>
    must(await publishPost(ports, alice.by, "alice", { text, ...rest }));
  const plain = await post("The terns are back at the lake. #Terns #été");
  const first = await post("The tern is back.");
  const edited = must(await editPost(ports, alice.by, first.iri, { text: "The terns are back." }));
  const arabic = await post("وصلت طيور الخرشنة إلى البحيرة #طيور", { language: "ar" });
  const tricky = await post(TRICKY_TEXT, { language: "de-CH" });
  const reply = must(
    await publishPost(ports, bob.by, "bob", { text: "Where exactly, @alice?", replyOf: plain.iri, language: "en" }),
  );
  must(await followAccount(ports, bob.by, `${base}alice`));
  const opened = stack.move();
  return {
    hub,
    base,
    tokens: { alice: alice.token, bob: bob.token, owner: hub.ownerToken },
    alice: alice.by,
    bob: bob.by,
    posts: { plain, edited, arabic, tricky },
    reply,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A value that must not be a Refusal. */
export function must<T>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Error(value.message);
  return value;
}
