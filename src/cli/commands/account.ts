import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { PICTURE_BYTES_MAX } from "../../core/picture.ts";
import { messageOf, readCliConfig, saveAccount } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { type HubClient, type HubOptions, textIn } from "../hub-client.ts";
import { command, hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline, painter } from "../output/terminal-text.ts";
import { showResource } from "./show.ts";

interface ProfileOptions extends HubOptions {
  readonly displayName?: string;
  readonly bio?: string;
  readonly lang?: string;
  readonly homepage?: string;
  readonly image?: string;
  readonly jid?: readonly string[];
  readonly privateFollows?: boolean;
  readonly publicFollows?: boolean;
  readonly avatar?: string;
  readonly alsoAt?: string;
  readonly data?: string;
  readonly save?: boolean;
}

/** `sterna account add|set|link|show|list`. */
export function accountCommand(io: CliIo): Command {
  return command("account", "Create and change accounts.", [
    "sterna account add alice --display-name 'Alice Liddell'",
    "sterna account list",
  ])
    .addCommand(addCommand(io))
    .addCommand(setCommand(io))
    .addCommand(linkCommand(io))
    .addCommand(showCommand(io))
    .addCommand(listCommand(io));
}

function withProfile(made: Command): Command {
  return made
    .option("--display-name <name>", "the name people see")
    .option("--bio <text>", "a sentence about the person")
    .option("--lang <tag>", "the language the account usually writes in, such as en")
    .option("--homepage <iri>", "the person's homepage")
    .option("--image <iri>", "a picture")
    .option("--jid <jid...>", "the person's other XMPP addresses, which may publish here")
    .option("--private-follows", "show nobody whom the account follows")
    .option("--public-follows", "show everybody whom the account follows, as it is at first")
    .option("--data <folder>", "the hub's data folder, for the owner's token (or STERNA_DATA; otherwise ./data)");
}

function profileOf(options: ProfileOptions): Record<string, unknown> {
  const { displayName, bio, lang, homepage, image, jid } = options;
  const privateFollows = options.privateFollows === true || (options.publicFollows === true ? false : undefined);
  const all = { displayName, bio, language: lang, homepage, image, linkedJids: jid, privateFollows };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function addCommand(io: CliIo): Command {
  const made = hubCommand("add", "Create an account, with the hub owner's token.", [
    "sterna account add alice",
    "sterna account add bob --display-name 'Bob Builder' --jid bob@jabber.example",
    "sterna account add carol --url https://hub.example/ --token OWNERS-TOKEN",
  ]).argument("<name>", "its name: the first part of its addresses");
  return withProfile(made)
    .option("--no-save", "do not keep the new token in the CLI's settings")
    .action(async (name: string, options: ProfileOptions) => {
      const hub = await ownersHub(io, options);
      const created = await hub.json("api/accounts", { method: "POST", body: { name, ...profileOf(options) } });
      // The token is told this once, so it is printed before anything can go wrong with keeping it.
      const token = textIn(created, "token");
      if (options.json === true) await printJson(io, created);
      else {
        const say = (label: string, value: string | undefined): string =>
          value === undefined ? "" : `${label} ${inline(value)}\n`;
        const [iri, jid] = [textIn(created, "iri"), textIn(created, "jid")];
        await io.stdout.write(say("Account", iri) + say("JID    ", jid) + say("Token  ", token));
      }
      if (options.save === false || token === undefined) return;
      const saved = await saveAccount(io, hub.url, token, textIn(created, "name") ?? name).catch((error: unknown) => {
        const why = error instanceof CommandEnd ? error.message : messageOf(error);
        throw new CommandEnd(EXIT.refused, `The account was made, but its token was not saved; keep it. ${why}`);
      });
      if (options.json !== true) {
        await io.stderr.write(`Commands act for ${inline(name)} from now on (saved in ${saved}).\n`);
      }
    });
}

function setCommand(io: CliIo): Command {
  const made = hubCommand("set", "Change what an account says about itself.", [
    "sterna account set --display-name 'Alice L.' --bio 'Watches birds.'",
    "sterna account set --avatar tern.png",
    "sterna account set bob --jid bob@jabber.example bob@work.example",
  ])
    .argument("[name]", "the account; without it, your own")
    .option("--also-at <jid>", 'put posts into the microblog of your own JID too (it must be linked); "" ends that')
    .option("--avatar <file>", 'a PNG, JPEG, GIF or WebP file of at most 256 KiB; "" takes the picture away');
  return withProfile(made).action(async (name: string | undefined, options: ProfileOptions) => {
    const { alsoAt } = options;
    const wanted = { ...profileOf(options), ...(alsoAt === undefined ? {} : { alsoAt }) };
    const picture = options.avatar === undefined ? undefined : await readAvatar(io, options.avatar);
    if (Object.keys(wanted).length === 0 && picture === undefined)
      throw new CommandEnd(EXIT.usage, "Expected something to change, such as --display-name, but got nothing.");
    const hub =
      name !== undefined && options.data !== undefined ? await ownersHub(io, options) : await hubOf(io, options);
    const segment = encodeURIComponent(name ?? (await hub.account()));
    const isWanted = Object.keys(wanted).length > 0;
    const patch = (body: unknown): Promise<unknown> => hub.json(`api/accounts/${segment}`, { method: "PATCH", body });
    let changed = isWanted ? await patch(wanted) : undefined;
    if (picture !== undefined) {
      await sendPicture(hub, segment, picture, isWanted);
      if (options.json === true) changed = await patch({});
    }
    if (options.json === true) await printJson(io, changed);
    else await io.stdout.write("Changed.\n");
  });
}

/** Sends a picture, or takes it away. Says it when the picture alone was refused. */
async function sendPicture(hub: HubClient, segment: string, picture: Uint8Array, elseChanged: boolean): Promise<void> {
  const isGone = picture.length === 0;
  try {
    await hub.send(`${segment}/avatar`, isGone ? { method: "DELETE" } : { method: "PUT", body: piecesOf(picture) });
  } catch (error) {
    if (!(error instanceof CommandEnd) || !elseChanged || error.message === "") throw error;
    throw new CommandEnd(error.exitCode, `${error.message} All else was changed.`);
  }
}

/** The bytes of a picture's file, before anything is changed; none for "". What they are the hub says. */
async function readAvatar(io: CliIo, file: string): Promise<Uint8Array> {
  if (file === "") return new Uint8Array();
  const path = resolve(io.cwd, file);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined || size === 0)
    throw new CommandEnd(
      EXIT.usage,
      `Expected a picture in ${path}, but ${size === 0 ? "it is empty" : "there is no such file"}.`,
    );
  if (size > PICTURE_BYTES_MAX) {
    const most = `Expected a picture of at most ${PICTURE_BYTES_MAX} bytes`;
    throw new CommandEnd(EXIT.usage, `${most}, but ${path} has ${size}; make it smaller first.`);
  }
  return await readFile(path);
}

async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function linkCommand(io: CliIo): Command {
  return hubCommand("link", "Link an XMPP address of yours, by a code that is sent to it.", [
    "sterna account link bob@jabber.example",
    "sterna account link bob@jabber.example --code 0123456789",
  ])
    .argument("<jid>", "the address, which then may post here")
    .option("--code <code>", "the code that was sent there; or send it back from there")
    .action(async (jid: string, options: HubOptions & { readonly code?: string }) => {
      const hub = await hubOf(io, options);
      const path = `api/accounts/${encodeURIComponent(await hub.account())}/links`;
      const { code } = options;
      const sent = await hub.json(path, { method: "POST", body: code === undefined ? { jid } : { jid, code } });
      if (options.json === true) return printJson(io, sent);
      const shown = inline(textIn(sent, "jid") ?? jid);
      await io.stdout.write(
        code === undefined
          ? `A code was sent to ${shown}. To link it, send the code back from there as a message, or run this again with --code CODE.\n`
          : `Linked ${shown}: what it writes to the hub is posted from now on.\n`,
      );
    });
}

function showCommand(io: CliIo): Command {
  return hubCommand("show", "Show an account's page.", ["sterna account show", "sterna account show bob"])
    .argument("[name]", "the account; without it, your own")
    .action(async (name: string | undefined, options: HubOptions) => {
      const hub = await hubOf(io, options);
      await showResource(io, hub, `${hub.url}${encodeURIComponent(name ?? (await hub.account()))}`, options);
    });
}

function listCommand(io: CliIo): Command {
  return command("list", "List the hubs and accounts that commands can act for.", ["sterna account list"])
    .option("--json", "print JSON")
    .action(async (options: HubOptions) => {
      const config = await readCliConfig(io);
      const saved = Object.entries(config.hubs).flatMap(([url, hub]) => {
        const names = new Set([
          ...Object.keys(hub.accounts ?? {}),
          ...(hub.account === undefined ? [] : [hub.account]),
        ]);
        return [...names].map((account) => ({ url, account, used: url === config.default && account === hub.account }));
      });
      if (options.json === true) return printJson(io, saved);
      if (saved.length === 0) return io.stderr.write('None yet. Try: "sterna account add NAME", or "sterna login".\n');
      const paint = painter(io);
      for (const { url, account, used } of saved) {
        await io.stdout.write(`${used ? "*" : " "} ${paint("bold", inline(account))} ${paint("dim", inline(url))}\n`);
      }
    });
}

/** The hub with its owner's token: from the options, the environment, or the data folder on the same machine. */
async function ownersHub(io: CliIo, options: ProfileOptions): Promise<HubClient> {
  const token = options.token ?? (io.env["STERNA_TOKEN"] || undefined);
  if (token !== undefined) return hubOf(io, { ...options, token });
  const path = resolve(io.cwd, options.data ?? (io.env["STERNA_DATA"] || "data"), "owner-token");
  const found = await readFile(path, "utf8").catch(() => undefined);
  if (found !== undefined) return hubOf(io, { ...options, token: found.trim() });
  throw new CommandEnd(
    EXIT.refused,
    `Expected the hub owner's token in ${path}, but could not read it. Name the hub's data folder with --data, or give the token with --token or STERNA_TOKEN.`,
  );
}
