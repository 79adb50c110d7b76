// What of JavaScript comes over the wire on the route of the list, as Brotli, by file: `npm run size`.
import { brotliCompressSync } from "node:zlib";
import { build } from "vite";

/** What is loaded there: the page, and what the shell loads for somebody who is signed in. */
const LOADED = [
  "src/pages/tickets/list-page.tsx",
  "src/pages/tickets/triage-menu.tsx",
  "src/pages/tickets/conflict-dialog.tsx",
  "src/shell/bell.tsx",
  "src/shell/presence-popover.tsx",
  "realtime/src/index.ts",
  ...["common", "shell", "tickets", "connection", "notifications"].map((area) => `src/i18n/en/${area}.ts`),
];

const { output } = await build({ logLevel: "error", build: { write: false } });
const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));
const holds = (chunk, file) => Object.keys(chunk.modules).some((id) => id.endsWith(`/${file}`));

const loaded = new Set();
const load = (name) => {
  const chunk = chunks.get(name);
  if (!chunk || loaded.has(chunk)) return;
  loaded.add(chunk);
  chunk.imports.forEach(load);
};
for (const chunk of chunks.values()) {
  if (chunk.isEntry || LOADED.some((file) => holds(chunk, file))) load(chunk.fileName);
}

const sizes = [...loaded].map(({ fileName, code }) => [brotliCompressSync(code).length, fileName]);
sizes.sort(([a], [b]) => b - a);
const total = sizes.reduce((sum, [size]) => sum + size, 0);
for (const [size, name] of [...sizes, [total, "in all"]]) {
  process.stdout.write(`${(size / 1_000).toFixed(1).padStart(7)} kB  ${name}\n`);
}
