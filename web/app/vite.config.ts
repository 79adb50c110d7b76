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
  },
  server: {
    port: 5173,
    proxy: { "/api": toServer, "/socket.io": toServer, "/docs": toServer },
  },
});
