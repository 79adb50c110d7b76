import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: { "@": here("./src"), "informejo-realtime": here("../realtime/src/index.ts") },
  },
  test: {
    // Two servers with two browsers are what two cores bear.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "unit", include: ["test/**/*.test.ts"], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["e2e/**/*.e2e.ts"],
          globalSetup: "e2e/world/front.ts",
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
