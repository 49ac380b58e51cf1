import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BareJid } from "../../../src/core/jid.ts";
import type { PictureId } from "../../../src/core/picture.ts";
import type { ContactRow, RecordChange } from "../../../src/hub/ports/records.ts";
import { openRecords, type SqliteRecords } from "../../../src/storage/records.ts";
import { always, keptLog, temporaryFolder } from "../sample.ts";

let folder: ReturnType<typeof temporaryFolder>;
let records: SqliteRecords;

beforeEach(() => {
  folder = temporaryFolder();
  records = openRecords({ file: folder.file, log: keptLog() });
});
afterEach(async () => {
  await records[Symbol.asyncDispose]();
  folder.remove();
});

const contact = (service: string, jid: string): RecordChange => ({
  kind: "contact-put",
  service: service as BareJid,
  jid: jid as BareJid,
  groups: [],
});

describe("contacts", () => {
  it("are walked page by page, of all services or of one", async () => {
    const pairs = ["a@hub", "b@hub", "c@hub"].flatMap((service) => ["x@far", "y@far"].map((jid) => [service, jid]));
    await records.transact(always(...pairs.toReversed().map(([service = "", jid = ""]) => contact(service, jid))));
    const { reader } = records;
    const found: ContactRow[] = [];
    for (let after: ContactRow | undefined; ; after = found.at(-1)) {
      const page = reader.contacts(4, after === undefined ? {} : { after });
      found.push(...page);
      if (page.length < 4) break;
    }
    expect(found.map(({ service, jid }) => [service, jid])).toEqual(pairs);
    const service = "b@hub" as BareJid;
    const [first, second, ...more] = reader.contacts(9, { service });
    expect([first?.jid, second?.jid, more]).toEqual(["x@far", "y@far", []]);
    expect(first && reader.contacts(9, { service, after: first }).map(({ jid }) => jid)).toEqual(["y@far"]);
    expect(reader.countContacts(service)).toBe(2);
  });

  it("remember that they were asked for their presence", async () => {
    const [service, jid] = ["a@hub" as BareJid, "x@far" as BareJid];
    await records.transact(always({ kind: "contact-put", service, jid, groups: ["friends"], asked: true }));
    expect(records.reader.contact(service, jid)).toEqual({ groups: ["friends"], asked: true });
    await records.transact(always({ kind: "contact-removed", service, jid }));
    expect(records.reader.contact(service, jid)).toBeUndefined();
  });
});

describe("pictures of people elsewhere", () => {
  const put = (id: string): RecordChange => ({
    kind: "picture-put",
    picture: { id: id as PictureId, type: "image/gif", bytes: new TextEncoder().encode(id) },
  });

  it("come back as they went", async () => {
    await records.transact(always(put("one"), put("one")));
    expect(records.reader.picture("one" as PictureId)).toEqual({
      id: "one",
      type: "image/gif",
      bytes: new TextEncoder().encode("one"),
    });
    expect(records.reader.picture("two" as PictureId)).toBeUndefined();
  });

  it("are bounded: what came first goes first", async () => {
    await records.transact(always(...Array.from({ length: 2_003 }, (_, at) => put(`p${at}`))));
    const there = ["p0", "p2", "p3", "p2002"].map((id) => records.reader.picture(id as PictureId) !== undefined);
    expect(there).toEqual([false, false, true, true]);
  });
});
