import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { program } from "../e2e/world/server";

const run = promisify(execFile);
const folder = fileURLToPath(new URL("..", import.meta.url));
const HELP = "run `informejo openapi > openapi.json && npm run types`";

test("openapi.json is what the program describes", async () => {
  const { stdout } = await run(program(), ["openapi"], { maxBuffer: 32 * 1024 * 1024 });
  const kept = await readFile(`${folder}openapi.json`, "utf8");
  expect(JSON.parse(stdout).paths, HELP).toEqual(JSON.parse(kept).paths);
  expect(kept === stdout, HELP).toBe(true);
});

test("schema.d.ts is made of openapi.json", async () => {
  const { scripts } = JSON.parse(await readFile(`${folder}package.json`, "utf8"));
  const made = (scripts.types as string).split(" ");
  const output = made.indexOf("--output") + 1;
  expect(made[output]).toBe("src/api/schema.d.ts");
  // Without --output it goes to the standard output, followed by nothing.
  const options = made.slice(1).toSpliced(output - 2, 2);
  const path = `${folder}node_modules/.bin/${made[0]}`;
  const { stdout } = await run(path, options, { cwd: folder, maxBuffer: 32 * 1024 * 1024 });
  expect(stdout.trim() === (await readFile(`${folder}src/api/schema.d.ts`, "utf8")).trim(), HELP).toBe(true);
});
