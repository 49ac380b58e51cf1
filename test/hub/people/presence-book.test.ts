import { expect, it } from "vitest";
import { bareOf, type Jid } from "../../../src/core/jid.ts";
import { PresenceBook } from "../../../src/hub/people/presence-book.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";

const ALICE = bareOf("alice@hub.example" as Jid);
const PHONE = "bob@far.example/phone" as Jid;
const BLOG = "urn:xmpp:microblog:0" as NodeId;
const NICK = "http://jabber.org/protocol/nick" as NodeId;

it("takes no answer about what a program could do for one about what it can do now", () => {
  const book = new PresenceBook();
  book.put(ALICE, PHONE, "online", "old");
  book.put(ALICE, PHONE, "online", "new");
  expect(book.learn(ALICE, PHONE, "old", new Set([BLOG]))).toEqual(new Set());
  expect(book.interested(ALICE, BLOG)).toEqual([]);
  expect(book.learn(ALICE, PHONE, "new", new Set([BLOG, NICK]))).toEqual(new Set([BLOG, NICK]));
  expect(book.interested(ALICE, BLOG)).toEqual([PHONE]);
  expect(book.learn(ALICE, PHONE, "new", new Set([BLOG]))).toEqual(new Set());
  expect(book.interested(ALICE, NICK)).toEqual([]);
});
