// Texts that want to be code, wherever a person can write: every page shows them as what they are, texts (X1, U2).
import { expect, test } from "vitest";
import { type Page, type Person, openWorld } from "./world";
import { SIGHTS } from "./world/pages";
import { settled } from "./world/settled";
import type { Filled } from "./world/fill";

const world = openWorld();

/** What runs if a page takes a text for code. */
const RUN = "window.pwned=1";

/** Ways to be taken for code; the first are short enough for names. */
const PAYLOADS = [
  `<img src=x onerror=${RUN}>`,
  `"><svg/onload=${RUN}>`,
  `'-alert(1)-'{{constructor.constructor('${RUN}')()}}`,
  `</title><script>${RUN}</script>`,
  `<a href="javascript:${RUN}">click</a>`,
  `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
  `<details open ontoggle=${RUN}><summary>more</summary></details>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;">`,
  `<form action="javascript:${RUN}"><input autofocus onfocus=${RUN}><button>send</button></form>`,
  `<style>@import "http://elsewhere.invalid/style.css"; * { display: none }</style>`,
  `<meta http-equiv="refresh" content="0; url=http://elsewhere.invalid/">`,
  `<base href="http://elsewhere.invalid/"><link rel=stylesheet href=//elsewhere.invalid/a.css>`,
  `<object data="data:text/html,<script>${RUN}</script>"></object><embed src="data:text/html,x">`,
];

/** The same by way of Markdown. */
const MARKDOWN = [
  `[click](javascript:${RUN})`,
  `[click](JaVaScRiPt&colon;${RUN})`,
  `[click](data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==)`,
  `[click](<java\nscript:${RUN}>)`,
  `![picture](http://elsewhere.invalid/pixel.png)`,
  `![picture](x" onerror="${RUN})`,
  `<http://elsewhere.invalid/" onmouseover="${RUN}>`,
  "```\n</code></pre><script>window.pwned=1</script>\n```",
  `[ref]: javascript:${RUN} "title"\n\n[ref]`,
];

const TEXT = [...PAYLOADS, ...MARKDOWN].join("\n\n");

interface Evil extends Filled {
  people: { viktor: Person; ada: Person };
}

/** People and tickets all of whose texts are payloads. */
async function fillWithEvil(): Promise<Evil> {
  const { desk, people } = world;
  const [name, department] = [PAYLOADS[0]!, PAYLOADS[1]!];
  const viktor = await desk.register(name, { email: "eve@example.test", department });
  const ada = await desk.register(PAYLOADS[1]!, { email: "mallory@example.test", department, role: "ADMIN" });
  const full = await viktor.createTicket({ title: PAYLOADS[0]!, description: TEXT });
  const bare = await viktor.createTicket({ title: PAYLOADS[3]!, description: TEXT });
  for (const text of [...PAYLOADS, ...MARKDOWN]) await viktor.comment(full.id, text);
  await ada.comment(full.id, TEXT, { isInternal: true });
  for (const name of PAYLOADS.slice(0, 4))
    await viktor.attach(full.id, `${name.replaceAll("/", "∕")}.html`, TEXT, "text/html");
  await people.ada.change(full.id, { assignedToId: ada.id, status: "IN_PROGRESS" });
  const { guest, ticket, mail } = await desk.guest(PAYLOADS[0], {
    email: "grace@example.test",
    title: PAYLOADS[1]!,
    description: TEXT,
  });
  await ada.comment(ticket, TEXT);
  return { people: { viktor, ada }, full, bare, guest, guestTicket: ticket, guestLink: desk.link(mail) };
}

/** What a page must not have, whatever people have written. */
async function expectHarmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => {
    const elements = [...document.querySelectorAll("*")];
    const live = elements.filter((element) => {
      const handlers = element.getAttributeNames().filter((name) => name.startsWith("on"));
      const address =
        element.getAttribute("href") ?? element.getAttribute("src") ?? element.getAttribute("action");
      return handlers.length > 0 || /^\s*(javascript|data:text|vbscript)/i.test(address ?? "");
    });
    const foreign = document.querySelectorAll(
      "iframe, object, embed, base, form[action], body style, body script, body link, body meta, #root math",
    );
    return {
      pwned: (window as unknown as { pwned?: number }).pwned,
      live: live.map((element) => element.outerHTML.slice(0, 200)),
      foreign: [...foreign].map((element) => element.outerHTML.slice(0, 200)),
    };
  });
  expect({ where, ...found }).toEqual({ where, pwned: undefined, live: [], foreign: [] });
}

test("every page shows to everybody what people have written as text", async () => {
  const evil = await fillWithEvil();
  const onlookers = { ...world.people, viktor: evil.people.viktor, ada: evil.people.ada, guest: evil.guest };
  let literally = 0;
  for (const who of [...new Set(SIGHTS.map((sight) => sight.who))]) {
    const page = await world.page(who === null ? null : onlookers[who], { path: null });
    world.announce(/404.*\/no\/such\/page/);
    for (const { name, at } of SIGHTS.filter((sight) => sight.who === who)) {
      await page.goto(at(evil));
      await settled(page);
      // Whatever is folded away is opened, and whatever shows something on hover is hovered over.
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      await expectHarmless(page, name);
      if ((await page.locator("body").innerText()).includes(PAYLOADS[0]!)) literally += 1;
    }
  }
  // Shown as they were written: pages that show nothing would be harmless too.
  expect(literally).toBeGreaterThanOrEqual(5);
}, 240_000);

test("what arrives while a page is looked at is text too", async () => {
  const { ada, ulla } = world.people;
  const { id } = await ulla.createTicket();
  const page = await world.page(ulla, { path: `/tickets/${id}` });
  await page.getByRole("heading", { level: 1 }).waitFor();
  const list = await world.page(ada, { path: "/admin/tickets" });
  await list.getByRole("heading", { level: 1 }).waitFor();
  await ada.comment(id, `${TEXT}\n\nlast words`);
  await ulla.createTicket({ title: PAYLOADS[3]!, description: TEXT });
  await page.getByText("last words").first().waitFor();
  await list.getByText(PAYLOADS[3]!).first().waitFor();
  await expectHarmless(page, "a ticket");
  await expectHarmless(list, "the list");
});

test("a file that somebody attached is downloaded, and opens nothing", async () => {
  const { ulla, ada } = world.people;
  const { id } = await ulla.createTicket();
  const script = `<script>${RUN};opener&&(opener.pwned=1);document.title="pwned"</script>`;
  const files = [
    ["page.html", `<!doctype html><title>a page</title>${script}`, "text/html"],
    ["picture.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>${RUN}</script></svg>`, "image/svg+xml"],
    ["picture.png", `\u0089PNG\r\n${script}`, "image/png"],
    [
      "paper.pdf",
      "%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
      "application/pdf",
    ],
    [
      "data.xml",
      `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`,
      "text/xml",
    ],
  ] as const;
  for (const [name, content, type] of files) {
    const file = await ulla.attach(id, name, content, type);
    const page = await world.page(ada, { path: "/" });
    const address = `${world.url}/api/tickets/${id}/attachments/${file.id}`;
    const downloading = page.waitForEvent("download");
    // A download is not gone to: the browser says so by failing.
    await page.goto(address).catch(() => {});
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(name);
    const answer = await ada.ask("GET", `/api/tickets/${id}/attachments/${file.id}`);
    expect(answer.headers.get("content-disposition"), name).toMatch(/^attachment/);
    expect(answer.headers.get("x-content-type-options"), name).toBe("nosniff");
    expect(answer.headers.get("content-security-policy"), name).toMatch(/sandbox/);
    await expectHarmless(page, name);
  }
});
