// The mails that the server puts into a folder, one file each.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./until";

/** One mail. */
export interface Mail {
  /** Which mail it is, such as `registration`, `guest_link` or `password_reset`. */
  kind: string;
  to: string;
  subject: string;
  /** Its plain text. */
  text: string;
  /** The links in its text. */
  links: string[];
  /** What stands behind the `#` of the first link that has one. */
  token: string;
}

/** A folder of mails. */
export class Mailbox {
  readonly #folder: string;
  readonly #taken = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Waits for the next mail to this address, of this kind if that is said; each is given once, the oldest first. */
  async next(to: string, kind?: string): Promise<Mail> {
    return await until(`a mail ${kind ?? ""} to ${to}`, async () => {
      for (const name of await this.#names()) {
        if (this.#taken.has(name)) continue;
        const mail = await this.#read(name);
        if (mail.to.toLowerCase() !== to.toLowerCase() || (kind !== undefined && mail.kind !== kind))
          continue;
        this.#taken.add(name);
        return mail;
      }
      return null;
    });
  }

  /** Every mail that there is, the oldest first. */
  async all(): Promise<Mail[]> {
    return await Promise.all((await this.#names()).map((name) => this.#read(name)));
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => name.endsWith(".eml")).toSorted();
  }

  async #read(name: string): Promise<Mail> {
    const raw = await readFile(join(this.#folder, name), "utf8");
    return parse(name.split("-")[1] ?? "", raw);
  }
}

function parse(kind: string, raw: string): Mail {
  const source = raw.replaceAll("\r\n", "\n");
  const [head, content] = split(source);
  const boundary = /boundary="?([^";\n]+)"?/.exec(head)?.[1];
  const parts = boundary ? content.split(`--${boundary}`) : [source];
  const plain = parts
    .map((part) => split(part.replace(/^\n/, "")))
    .find(([head]) => /text\/plain/i.test(head));
  const text = plain ? decode(...plain) : "";
  const links = text.split(/\s+/).filter((word) => word.startsWith("http"));
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(unfold(head))?.[1] ?? "";
  const to = header("To");
  return {
    kind,
    to: /<([^>]+)>/.exec(to)?.[1] ?? to.trim(),
    subject: header("Subject"),
    text,
    links,
    token: links.find((link) => link.includes("#"))?.split("#")[1] ?? "",
  };
}

const unfold = (head: string) => head.replaceAll(/\n[ \t]+/g, " ");

function split(source: string): [head: string, content: string] {
  const end = source.indexOf("\n\n");
  return end === -1 ? [source, ""] : [source.slice(0, end), source.slice(end + 2)];
}

function decode(head: string, content: string): string {
  const encoding = /content-transfer-encoding: *(\S+)/i.exec(head)?.[1]?.toLowerCase();
  if (encoding === "base64") return Buffer.from(content, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return content;
  const bytes = content
    .replaceAll(/=\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
