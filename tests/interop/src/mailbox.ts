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
export async function codeFor(address: string): Promise<string> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    for (const [name, mail] of await mails()) {
      const code = read.has(name) ? undefined : codeIn(mail, address);
      if (code) {
        read.add(name);
        return code;
      }
    }
    await setTimeout(100);
  }
  throw new Error(`no mail with a code came to ${address}`);
}

/** Whole mails, oldest first. Those of one second may share a file. */
async function mails(): Promise<[string, string][]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text, file) =>
    text.split(END).slice(0, -1).map((mail, index): [string, string] => [`${names[file]}/${index}`, mail]),
  );
}

/** Of the text part; links hold digits too, but not six alone. */
function codeIn(mail: string, address: string): string | undefined {
  if (!mail.includes(`\nTo: ${address}\n`)) return undefined;
  const text = mail.split(/^Content-Type: text\/plain/m)[1]?.split(/^--=/m)[0]?.split("\n\n").slice(1).join("\n\n");
  const match = text?.match(/(?<![\w/-])(\d{3}) ?(\d{3})(?![\w/-])/);
  return match ? `${match[1]}${match[2]}` : undefined;
}
