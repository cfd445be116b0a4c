/** The mails that the server has sent: files in a folder. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const folder = process.env["SIGNET_MAIL"] ?? "";
const read = new Set<string>();
const PATIENCE = 20_000;
/** What follows every mail in a file. */
const END = `\n${"-".repeat(79)}\n`;

/** The six digits of the next mail to this address that has any; each mail is read once. */
export function codeFor(address: string): Promise<string> {
  return next(`a code to ${address}`, address, (text) => {
    // Links hold digits too, but not six alone.
    const match = text.match(/(?<![\w/-])(\d{3}) ?(\d{3})(?![\w/-])/);
    return match ? `${match[1]}${match[2]}` : undefined;
  });
}

/** The link to this page, in the next mail to this address that has one. */
export function linkFor(address: string, page: string): Promise<string> {
  return next(`a link to ${page} for ${address}`, address, (text) =>
    text.match(/https?:\/\/\S+/g)?.find((url) => new URL(url).pathname === page),
  );
}

async function next(what: string, address: string, find: (text: string) => string | undefined): Promise<string> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    for (const [name, mail] of await mails()) {
      const found = read.has(name) ? undefined : find(textOf(mail, address));
      if (found) {
        read.add(name);
        return found;
      }
    }
    await setTimeout(100);
  }
  throw new Error(`no mail came with ${what}`);
}

/** Whole mails, oldest first. Those of one second may share a file. */
async function mails(): Promise<[string, string][]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text, file) =>
    text.split(END).slice(0, -1).map((mail, index): [string, string] => [`${names[file]}/${index}`, mail]),
  );
}

/** The text part; nothing of a mail to somebody else. */
function textOf(mail: string, address: string): string {
  if (!mail.includes(`\nTo: ${address}\n`)) return "";
  return mail.split(/^Content-Type: text\/plain/m)[1]?.split(/^--=/m)[0]?.split("\n\n").slice(1).join("\n\n") ?? "";
}
