// Runs a TypeScript file of this folder: `node scripts/run.mjs scripts/bench.ts …`.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const [, , file, ...rest] = process.argv;
const root = fileURLToPath(new URL("..", import.meta.url));
const { module } = await runnerImport(`${root}${file}`, {
  root,
  configFile: false,
  logLevel: "warn",
  resolve: { alias: { "@": `${root}src` } },
});
await module.default(rest);
