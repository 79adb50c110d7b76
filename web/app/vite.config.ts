import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Where a running server is, for `npm run dev`: pages come from Vite, everything else from there.
const server = process.env["INFORMEJO_SERVER"] ?? "http://localhost:3003";
const toServer = {
  target: server,
  changeOrigin: true,
  ws: true,
  // The server lets its own pages write, and nobody else's.
  headers: { origin: server },
};

/** What everybody needs who is signed in, and what most pages are made of. */
function isOfDesk(file: string): boolean {
  if (
    /node_modules\/(react|react-dom|scheduler|@tanstack|wouter|regexparam|use-sync-external-store)\//.test(
      file,
    )
  )
    return true;
  if (
    /\/web\/realtime\/src\/|\/app\/src\/(api|live|session|i18n)\/[^/]+$|\/app\/src\/(app|main)\.tsx$/.test(
      file,
    )
  )
    return true;
  if (/\/app\/src\/shell\//.test(file)) return !/palette|shortcut-list|-details/.test(file);
  if (/\/app\/src\/lib\//.test(file)) return !/files|upload|save|grouped|ticket-change/.test(file);
  return /\/app\/src\/ui\/(avatar|badge|button|card|classes|dialog|field|page|states|time|toast)\.tsx?$/.test(
    file,
  );
}

/** The lists of tickets. */
function isOfList(file: string): boolean {
  return /\/app\/src\/(pages\/tickets\/(?!new-page|search-page|routes)|lib\/ticket-change)/.test(file);
}

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: { "@": here("./src"), "informejo-realtime": here("../realtime/src/index.ts") },
  },
  build: {
    target: "es2023",
    // The policy of the pages forbids data: URLs but for images, and a file that is asked for twice is cached.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // Few files: what is needed together is smaller when it is compressed together (`npm run size`).
        codeSplitting: {
          groups: [
            { name: "desk", test: isOfDesk, priority: 2 },
            { name: "list", test: isOfList, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { "/api": toServer, "/socket.io": toServer, "/docs": toServer },
  },
});
