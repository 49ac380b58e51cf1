import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { webfingerOf } from "../../../src/hub/accounts/webfinger.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { describePostVersion } from "../../../src/hub/pages/describe-post.ts";
import { describeResource } from "../../../src/hub/pages/describe-resource.ts";
import type { Description, PageWish } from "../../../src/hub/pages/description.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import {
  ANONYMOUS,
  addAccount,
  type Holder,
  irisOf,
  live,
  must,
  OWNER,
  openTestHub,
  post,
  type TestHub,
} from "../test-hub.ts";

let hub: TestHub;
let alice: Holder;
let bob: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { displayName: "Alice" });
  bob = await addAccount(hub, "bob");
});
afterEach(() => hub[Symbol.asyncDispose]());

const describe_ = (path: string, wish: PageWish = {}) =>
  describeResource(
    hub.ports,
    ANONYMOUS,
    `${path.startsWith("http") ? "" : hub.ports.identity.base}${path}` as Iri,
    wish,
  );
const described = async (path: string, wish?: PageWish): Promise<Description> => must(await describe_(path, wish));
const iris = (posts: Description["posts"]) => posts.map(({ iri }) => iri);

describe("describing a resource", () => {
  it("knows every kind of page", async () => {
    const { iri } = await post(hub, alice, "one #terns");
    must(await followAccount(hub.ports, bob, "alice"));
    const kinds = [
      "",
      "alice",
      "alice#me",
      "alice/posts",
      iri,
      "tags/terns",
      "tags",
      "bob/following",
      "alice/followers",
    ];
    const found = await Promise.all(kinds.map((path) => described(path)));
    expect(found.map(({ kind }) => kind)).toEqual([
      "hub",
      "account",
      "account",
      "container",
      "post",
      "tag",
      "tags",
      "following",
      "followers",
    ]);
    for (const { quads, title, version, subject } of found) {
      expect([quads.length > 0, title !== "", version !== "", subject.includes("#")]).toEqual([
        true,
        true,
        true,
        false,
      ]);
    }
    const [, account, , container, page, tag, tags, following, followers] = found;
    expect(account?.account).toMatchObject({
      name: "alice",
      displayName: "Alice",
      posts: 1,
      followers: 1,
      following: 0,
    });
    expect([container, page, tag].map((each) => iris(each?.posts ?? []))).toEqual([[iri], [iri], [iri]]);
    expect(tags?.tags).toMatchObject([{ label: "terns", posts: 1 }]);
    expect([following?.follows, followers?.follows]).toMatchObject([[{ account: alice.iri }], [{ account: bob.iri }]]);
  });

  it("shows a post with what it answers above and its answers below", async () => {
    const first = await post(hub, alice, "Where?");
    const second = await post(hub, bob, "At the lake.", first.iri);
    const third = await post(hub, alice, "Thanks.", second.iri);
    const page = await described(second.iri);
    expect([iris(page.ancestors), iris(page.posts), iris(page.replies)]).toEqual([
      [first.iri],
      [second.iri],
      [third.iri],
    ]);
    expect(page.quads.some((q) => q.predicate.equals(sioc.has_reply) && q.object.value === third.iri)).toBe(true);
  });

  it.each(["nobody", "alice/posts/nothing", "alice/else", "tags/none", "nobody/posts", "alice/following/none"])(
    "knows nothing at %s",
    async (path) => {
      expect(await describe_(path)).toMatchObject({ code: "not-found" });
    },
  );

  it("knows nothing of other hubs' IRIs", async () => {
    expect(await describe_("https://far.example/alice")).toMatchObject({ code: "not-found" });
  });

  it("says of a deleted post that it is gone, and when it went", async () => {
    const { iri } = await post(hub, alice, "one");
    const { deleted } = must(await deletePost(hub.ports, alice, iri));
    expect(await describe_(iri)).toMatchObject({ code: "gone", detail: { deleted } });
    expect((await described("alice/posts")).posts).toEqual([]);
  });

  it("has another version whenever what it shows is another", async () => {
    const versions = new Set<string>();
    const look = async () => versions.add((await described("alice/posts")).version);
    await look();
    const { iri } = await post(hub, alice, "one");
    await look();
    hub.clock.advance(1_000);
    must(await editPost(hub.ports, alice, iri, { text: "two" }));
    await look();
    must(await deletePost(hub.ports, alice, iri));
    const before = versions.size;
    await look();
    // Empty as at first.
    expect([before, versions.size]).toEqual([3, 3]);
  });
});

describe("a document for one account alone", () => {
  const seenBy = (by: Requester, iri: Iri) => describeResource(hub.ports, by, iri);
  /** Makes a document that is here already one for alice alone. */
  const hide = async (graph: Iri, changes: Partial<Document> = {}): Promise<void> => {
    const document = { ...live(hub, graph).document, audience: { only: alice.iri }, ...changes } as const;
    must(
      await hub.ports.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined })),
    );
  };

  it.each(["post", "other"] as const)("is as if it were not there for anybody else (a %s)", async (kind) => {
    const { iri } = await post(hub, alice, "one");
    const graph = (kind === "post" ? iri : `${irisOf(hub, alice).profile}/plans`) as Iri;
    await hide(iri, { graph, kind });
    const nothing = await seenBy(ANONYMOUS, `${graph}-none` as Iri);
    for (const by of [ANONYMOUS, bob, OWNER]) {
      const found = await seenBy(by, graph);
      expect(found).toMatchObject({ code: "not-found" });
      // Not even the words differ from those for what never was there.
      expect(isRefusal(found) && isRefusal(nothing) && found.message).toBe(
        isRefusal(nothing) && nothing.message.replace(`${graph}-none`, graph),
      );
      expect(describePostVersion(hub.ports, by, graph, 1)).toMatchObject({ code: "not-found" });
    }
    expect(must(await seenBy(alice, graph))).toMatchObject({ subject: graph, kind: "post" });
    expect(must(describePostVersion(hub.ports, alice, graph, live(hub, graph).version))).toMatchObject({
      subject: graph,
    });
  });

  it("does not show in the thread of another, nor did its older versions become everybody's", async () => {
    const first = await post(hub, alice, "Where?");
    const second = await post(hub, bob, "At the lake.", first.iri);
    hub.clock.advance(1_000);
    must(await editPost(hub.ports, bob, second.iri, { text: "At the sea." }));
    await hide(second.iri);
    expect(must(await seenBy(ANONYMOUS, first.iri)).replies).toEqual([]);
    expect(must(await seenBy(alice, first.iri)).replies).toHaveLength(1);
    expect(describePostVersion(hub.ports, ANONYMOUS, second.iri, 1)).toMatchObject({ code: "not-found" });
  });

  it("lends no name to what others see", async () => {
    await post(hub, alice, "one");
    await hide(irisOf(hub, alice).profile, { audience: { only: bob.iri } });
    const page = must(await seenBy(ANONYMOUS, irisOf(hub, alice).container));
    expect(page.quads.some((q) => q.object.value === "Alice")).toBe(false);
    expect(page.posts[0]?.creator.name).toBe("alice");
  });
});

describe("pages of a list", () => {
  it.each(["", "alice", "alice/posts", "tags/terns"])(
    "of %j join to the whole list, in both directions",
    async (path) => {
      const all: Iri[] = [];
      for (let n = 0; n < 11; n++) all.unshift((await post(hub, alice, `post ${n} #terns`)).iri);
      const found: Iri[] = [];
      let page = await described(path, { limit: 4 });
      expect(page.newer).toBeUndefined();
      const cursors: (string | undefined)[] = [];
      for (;;) {
        found.push(...iris(page.posts));
        cursors.push(page.newer);
        if (page.older === undefined) break;
        page = await described(path, { limit: 4, olderThan: page.older });
      }
      expect(found).toEqual(all);
      expect(cursors).toHaveLength(3);
      const back = await described(path, { limit: 4, newerThan: cursors[2] as string });
      expect(iris(back.posts)).toEqual(all.slice(4, 8));
    },
  );

  it("are neither empty nor endless, whatever is wished for", async () => {
    await post(hub, alice, "one");
    await post(hub, alice, "two");
    expect((await described("alice/posts", { limit: 0 })).posts).toHaveLength(1);
    expect((await described("alice/posts", { limit: 1_000_000 })).posts).toHaveLength(2);
  });
});

describe("WebFinger (RFC 7033)", () => {
  it.each([
    "acct:alice@hub.example",
    "acct:ALICE@HUB.example",
    "xmpp:alice@hub.example",
    "https://hub.example/alice",
    "https://hub.example/alice#me",
    "https://hub.example/alice#account",
    "https://hub.example/alice/posts",
  ])("finds the account meant by %s", (resource) => {
    const { profile, account, feed } = irisOf(hub, alice);
    const found = must(webfingerOf(hub.ports, resource));
    expect(found.subject).toBe("acct:alice@hub.example");
    expect(found.aliases).toEqual([profile, account, "xmpp:alice@hub.example"]);
    expect(found.links).toContainEqual({ rel: "self", type: "text/turtle", href: profile });
    expect(found.links).toContainEqual(expect.objectContaining({ type: "application/atom+xml", href: feed }));
  });

  it.each([
    "acct:carol@hub.example",
    "acct:alice@far.example",
    "acct:alice",
    "alice",
    "",
    "https://far.example/alice",
    "https://hub.example/",
  ])("finds nobody by %j", (resource) => {
    expect(webfingerOf(hub.ports, resource)).toMatchObject({ code: "not-found" });
  });
});
