import type { Page } from "playwright-core";
import { until } from "./until";

/** Waits until a page shows what it has, and nothing is being loaded any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await until(`an end of loading at ${page.url()}`, async () => {
    const isLoading = await page.evaluate(
      () => document.querySelector(".skeleton, [aria-busy=true]") !== null,
    );
    return isLoading ? null : true;
  });
}
