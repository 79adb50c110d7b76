// The pages of this tree in front of a program that was built from another one (`E2E_VITE`).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const VARIABLE = "E2E_PAGES";

/** Called by Vitest before all tests: builds the pages if they are to come from this tree. Gives back what removes them. */
export default async function setup(): Promise<(() => void) | undefined> {
  if (!process.env["E2E_VITE"]) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "informejo-pages-"));
  // Vitest's own environment would bring React's slow one.
  const environment = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  await build({ root: ROOT, logLevel: "warn", build: { outDir: folder, emptyOutDir: true } });
  process.env["NODE_ENV"] = environment;
  process.env[VARIABLE] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The policy of the program's pages (`api/src/routes/pages/client/page.rs`). */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self' ws:; manifest-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; " +
  "form-action 'self'";

export interface Front {
  url: string;
  close: () => Promise<void>;
}

/** Puts these pages in front of the server at `target`; null if its own are to be shown. */
export async function inFrontOf(target: string): Promise<Front | null> {
  const folder = process.env[VARIABLE];
  if (!folder) return null;
  // The server lets its own pages write, and nobody else's.
  const there = { target, changeOrigin: true, ws: true, headers: { origin: target } };
  const server = await preview({
    root: ROOT,
    configFile: false,
    logLevel: "silent",
    build: { outDir: folder },
    preview: {
      host: "127.0.0.1",
      port: 0,
      headers: { "Content-Security-Policy": POLICY },
      proxy: { "/api": there, "/socket.io": there, "/docs": there, "/ready": there, "/health": there },
    },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("the pages are nowhere");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
