import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAT_HELP, CHAT_LENGTH_MAX, CHAT_POSTS_MAX, parseChat } from "../../src/core/chat-command.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

const IRI = "https://hub.example/bob/posts/2a4c";
const ITEM = "xmpp:bob@far.example?;node=urn:xmpp:microblog:0;item=abc123";

describe("a chat message is a post", () => {
  it.each([
    "Hello",
    "hello, world",
    "The tern is back.",
    "follow the money",
    "follow me",
    "Follow",
    "unfollow everybody today",
    "unfollow",
    "delete it",
    "repost this please",
    "delete everything I ever wrote",
    "Delete",
    "help me please",
    "helpful people",
    "helps",
    "timeline of events",
    "timeline -1",
    "timeline 1.5",
    "timelines",
    "watch this",
    "watch",
    "watch on television",
    "watch off-shore terns",
    "watch list of birds",
    "watch add more terns",
    "watch add some home cooking",
    "watch remove all of it",
    "query letters are hard",
    "query",
    "whoami? a poor lonesome cowboy",
    "search",
    "post",
    "reply",
    "replying to nobody",
    "searching",
    "posted a letter",
    "<b>not markup</b> & so on",
    "🐦🐦",
    "ヘルプ",
    "مرحبا",
    "1",
    "@bob@far.example hello",
    "#tern over the harbour",
    "a\nhelp",
    "help\nme",
    "constructor",
    "toString",
    "select ?s where { ?s ?p ?o }",
    "… /help",
    "- help",
  ])("%j", (text) => {
    expect(parseChat(text)).toEqual({ kind: "post", text });
  });

  it.each([
    ["  a  ", "a"],
    ["a\r\nb\rc", "a\nb\nc"],
    ["//etc/hosts", "/etc/hosts"],
    ["//help", "/help"],
    ["post help", "help"],
    ["/post help", "help"],
    ["POST timeline 3", "timeline 3"],
    ["post follow bob@far.example", "follow bob@far.example"],
    ["post a\n\nb", "a\n\nb"],
    ["/post /help", "/help"],
  ])("%j as %j", (body, text) => {
    expect(parseChat(body)).toEqual({ kind: "post", text });
  });
});

describe("a chat message is a command", () => {
  it.each([
    ["help", { kind: "help" }],
    ["Help", { kind: "help" }],
    ["/help", { kind: "help" }],
    [" HELP ", { kind: "help" }],
    ["whoami", { kind: "whoami" }],
    ["/WhoAmI", { kind: "whoami" }],
    ["follow bob@far.example", { kind: "follow", target: "bob@far.example" }],
    ["Follow  bob@far.example", { kind: "follow", target: "bob@far.example" }],
    ["/follow bob", { kind: "follow", target: "bob" }],
    ["follow https://far.example/bob", { kind: "follow", target: "https://far.example/bob" }],
    ["follow xmpp:bob@far.example", { kind: "follow", target: "xmpp:bob@far.example" }],
    ["unfollow bob@far.example", { kind: "unfollow", target: "bob@far.example" }],
    ["/unfollow bob", { kind: "unfollow", target: "bob" }],
    ["timeline", { kind: "timeline", limit: 5 }],
    ["/timeline", { kind: "timeline", limit: 5 }],
    ["timeline 1", { kind: "timeline", limit: 1 }],
    ["timeline 0", { kind: "timeline", limit: 1 }],
    ["timeline 7", { kind: "timeline", limit: 7 }],
    ["timeline 20", { kind: "timeline", limit: CHAT_POSTS_MAX }],
    ["timeline 999999", { kind: "timeline", limit: CHAT_POSTS_MAX }],
    ["search terns", { kind: "search", words: "terns" }],
    ["search arctic terns", { kind: "search", words: "arctic terns" }],
    ["/search ?", { kind: "search", words: "?" }],
    ["query SELECT * { ?s ?p ?o }", { kind: "query", text: "SELECT * { ?s ?p ?o }" }],
    ["query ask { ?s ?p ?o }", { kind: "query", text: "ask { ?s ?p ?o }" }],
    ["query\nPREFIX a: <urn:a>\nASK {}", { kind: "query", text: "PREFIX a: <urn:a>\nASK {}" }],
    ["query # all\nASK {}", { kind: "query", text: "# all\nASK {}" }],
    ["/query nonsense", { kind: "query", text: "nonsense" }],
    ["reply Thanks", { kind: "reply", text: "Thanks" }],
    ["/reply Thanks a lot", { kind: "reply", text: "Thanks a lot" }],
    ["reply 2 Thanks", { kind: "reply", to: "2", text: "Thanks" }],
    ["/reply 12 a\nb", { kind: "reply", to: "12", text: "a\nb" }],
    ["reply 2026 was a good year", { kind: "reply", text: "2026 was a good year" }],
    [`reply ${IRI} Yes`, { kind: "reply", to: IRI, text: "Yes" }],
    [`reply ${ITEM} Yes`, { kind: "reply", to: ITEM, text: "Yes" }],
    ["delete 1", { kind: "delete", post: "1" }],
    [`delete ${IRI}`, { kind: "delete", post: IRI }],
    ["delete 2a4cdef0", { kind: "delete", post: "2a4cdef0" }],
    ["/delete abcdef", { kind: "delete", post: "abcdef" }],
    ["repost 2", { kind: "repost", post: "2" }],
    [`repost ${IRI}`, { kind: "repost", post: IRI }],
    ["watch on", { kind: "watch", on: true }],
    ["Watch Off", { kind: "watch", on: false }],
    ["/watch on", { kind: "watch", on: true }],
    ["watch list", { kind: "watch-list" }],
    ["watch remove birds", { kind: "watch-remove", name: "birds" }],
    ["watch add me mentions", { kind: "watch-add", name: "me", query: "mentions" }],
    ["watch add birds topic #birds", { kind: "watch-add", name: "birds", query: "topic #birds" }],
    ["watch add x SELECT ?s\n{ ?s ?p 1 }", { kind: "watch-add", name: "x", query: "SELECT ?s\n{ ?s ?p 1 }" }],
    ["/watch add x what is this", { kind: "watch-add", name: "x", query: "what is this" }],
  ])("%j", (body, command) => {
    expect(parseChat(body)).toEqual(command);
  });
});

describe("a chat message is refused and not posted", () => {
  it.each([
    "/",
    "/ help",
    "/halp",
    "/me waves",
    "/follow",
    "/follow bob and alice",
    "/unfollow",
    "/timeline ten",
    "/timeline -3",
    "/search",
    "/query",
    "/reply",
    "/reply 2",
    "/delete",
    "/delete a b",
    "/watch",
    "/watch perhaps",
    "/watch add birds",
    "/watch remove",
    "/post",
    "/help me",
    "/whoami now",
    "/constructor",
    "/__proto__",
    "",
    " \n\t ",
  ])("%j, as what does not fit", (body) => {
    const no = parseChat(body);
    expect(no).toMatchObject({ kind: "refusal", code: "invalid" });
    expect(isRefusal(no) && no.message.length < 250).toBe(true);
  });

  it("over its bound", () => {
    expect(parseChat("a".repeat(CHAT_LENGTH_MAX))).toMatchObject({ kind: "post" });
    expect(parseChat("a".repeat(CHAT_LENGTH_MAX + 1))).toMatchObject({ code: "too-large" });
  });
});

describe("reading a chat message", () => {
  it("never throws, and posts nothing that begins with one slash", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (body) => {
        const command = parseChat(`/${body}`);
        if (isRefusal(command) || body.startsWith("/")) return;
        expect(body.toLowerCase().trim()).toMatch(new RegExp(`^${command.kind}`));
      }),
    );
  });

  it("posts any text after the word post as it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(text.trim() === text && text !== "" && !/\r/.test(text));
        expect(parseChat(`post ${text}`)).toEqual({ kind: "post", text });
      }),
    );
  });

  it.each([
    "timeline",
    "reply",
    "follow",
    "unfollow",
    "search",
    "query",
    "delete",
    "repost",
    "watch",
    "post",
    "whoami",
  ])("is explained by help: %s", (word) => {
    expect(CHAT_HELP).toContain(word);
  });
});
