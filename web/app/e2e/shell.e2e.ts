import { expect, test } from "vitest";
import { openWorld } from "./world";

const world = openWorld();

test("a person signs in", async () => {
  const page = await world.page(world.people.ulla, { path: "/nowhere" });
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.title()).toContain("Informejo");
});
