import { expect, test } from "vitest";
import { openWorld, type Page, until } from "./world";

const world = openWorld();

const row = (page: Page, email: string) => page.locator(`[data-user="${email}"]`);
const count = (page: Page, name: string) => page.locator(`[data-count=${name}] dd`).innerText();
const manage = (page: Page, name: string) => page.getByRole("button", { name: `Manage ${name}` }).click();

test("two admins see what the other does to accounts, and are told what it means before they do it", async () => {
  const { ada, bruno, viktor } = world.people;
  const [page, other] = await Promise.all([
    world.page(ada, { path: "/admin/users" }),
    world.page(bruno, { path: "/admin/users" }),
  ]);
  await Promise.all([row(page, ada.email).waitFor(), row(other, ada.email).waitFor()]);
  await Promise.all([
    page.locator("[data-connection=connected]").waitFor(),
    other.locator("[data-connection=connected]").waitFor(),
  ]);
  expect(await row(page, ada.email).innerText()).toContain("(You)");
  expect(await row(page, bruno.email).innerText()).not.toContain("(You)");
  const users = Number(await count(other, "users"));
  const auditors = Number(await count(other, "auditors"));

  // A role: the meaning is said, and nothing happens before it is confirmed.
  await manage(page, "Viktor Varga");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Role" }).selectOption("AUDITOR");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("heading", { name: "Make Viktor Varga Auditor?" }).waitFor();
  await dialog.getByText("An auditor reads everything and its whole history, and changes nothing.").waitFor();
  await dialog.getByRole("button", { name: "Change role" }).click();
  await row(other, viktor.email).getByText("Auditor").waitFor();
  await until("the counters", async () =>
    (await count(other, "auditors")) === String(auditors + 1) ? true : null,
  );
  expect(await count(other, "users")).toBe(String(users - 1));
  await dialog.waitFor({ state: "detached" });
  // The focus is where it was.
  expect(await page.evaluate(() => document.activeElement?.id)).toBe(`manage-${viktor.id}`);

  // Name and department; what the other admin changes meanwhile is not taken back.
  await manage(page, "Viktor Varga");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Viktor Vargas");
  await manage(other, "Viktor Varga");
  const otherDialog = other.getByRole("dialog");
  await otherDialog.getByRole("textbox", { name: "Department" }).fill("Lighthouse");
  await otherDialog.getByRole("button", { name: "Save" }).click();
  await row(page, viktor.email).getByText("Lighthouse").waitFor({ state: "attached" });
  expect(await dialog.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Viktor Vargas");
  await dialog.getByRole("button", { name: "Save" }).click();
  await row(other, viktor.email).getByText("Viktor Vargas").waitFor();
  expect(await row(other, viktor.email).innerText()).toContain("Lighthouse");

  // Deactivated, seen at once, and undone.
  await manage(page, "Viktor Vargas");
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await dialog.getByText(/signed out everywhere at once/).waitFor();
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await row(other, viktor.email).getByText("Inactive").waitFor();
  await until("the counter", async () => ((await count(other, "inactive")) === "1" ? true : null));
  expect((await viktor.ask("GET", "/api/auth/me")).status).toBe(401);
  await manage(other, "Viktor Vargas");
  await otherDialog.getByRole("button", { name: "Activate" }).click();
  await otherDialog.getByRole("button", { name: "Activate" }).click();
  await row(page, viktor.email).getByText("Active", { exact: true }).waitFor();

  // Everything by which somebody is recognised ends; their page says so.
  const { ulla } = world.people;
  const theirs = await world.page(ulla, { path: "/dashboard" });
  await theirs.locator("[data-connection=connected]").waitFor();
  await manage(page, "Ulla User");
  await dialog.getByRole("button", { name: "End access" }).click();
  world.announce(/401/, /unauthorized/);
  await dialog.getByRole("button", { name: "End access" }).click();
  await page
    .locator("[data-toast]", { hasText: /^The access of Ulla User has ended: \d+ sessions?\.$/ })
    .waitFor();
  await theirs.waitForURL(/\/login/);
});

test("nobody takes their own account away, nor the last admin's", async () => {
  const { ada, bruno } = world.people;
  const page = await world.page(ada, { path: "/admin/users" });
  const dialog = page.getByRole("dialog");
  world.announce(/status of 400/);
  await manage(page, "Ada Agent");
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  // Escape leads back by one step, and the last one out.
  await dialog.getByRole("heading", { name: "Deactivate Ada Agent?" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.getByRole("heading", { name: "Manage Ada Agent" }).waitFor();
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await dialog.getByRole("alert").filter({ hasText: "Cannot deactivate your own account" }).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await ada.patch(`/api/admin/users/${bruno.id}`, { role: "USER" });
  await row(page, bruno.email).getByText("User", { exact: true }).waitFor();
  await manage(page, "Ada Agent");
  await dialog.getByRole("combobox", { name: "Role" }).selectOption("USER");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("button", { name: "Change role" }).click();
  await dialog.getByRole("alert").filter({ hasText: "Cannot demote the last admin" }).waitFor();
  // What was chosen is still there.
  expect(await dialog.getByRole("combobox", { name: "Role" }).inputValue()).toBe("USER");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await ada.patch(`/api/admin/users/${bruno.id}`, { role: "ADMIN" });
});

test("people are searched and filtered in the URL, on a phone too; others have no such page", async () => {
  const { ada, alma, otto, viktor } = world.people;
  const page = await world.page(ada, { path: "/admin/users", width: 320 });
  await row(page, alma.email).waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("operator");
  await page.waitForURL("**/admin/users?search=operator");
  await row(page, alma.email).waitFor({ state: "detached" });
  await row(page, otto.email).waitFor();
  await page.getByRole("combobox", { name: "Role" }).selectOption("ADMIN");
  await page.getByText("Nobody found").waitFor();
  expect(new URL(page.url()).search).toBe("?search=operator&role=ADMIN");
  await page.reload();
  await page.getByText("Nobody found").waitFor();
  expect(await page.getByRole("searchbox", { name: "Search" }).inputValue()).toBe("operator");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await row(page, alma.email).waitFor();
  expect(new URL(page.url()).search).toBe("");
  const { width, inner } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    inner: window.innerWidth,
  }));
  expect(width).toBeLessThanOrEqual(inner);

  // More than a page of them.
  const guests = Array.from({ length: 45 }, async (_, n) => {
    const form = new FormData();
    const wish = { name: `Guest ${n}`, email: `guest.${n}@example.test`, title: "My badge opens no door" };
    const given = { ...wish, description: "Not even the one to the kitchen.", category: "ACCESS" };
    for (const [field, value] of Object.entries(given)) form.append(field, value);
    expect((await fetch(`${world.url}/api/tickets/anonymous`, { method: "POST", body: form })).ok).toBe(true);
  });
  await Promise.all(guests);
  const more = page.getByRole("button", { name: "Show more" });
  await more.waitFor();
  await more.click();
  await row(page, ada.email).waitFor();
  await more.waitFor({ state: "detached" });

  const user = await world.page(viktor, { path: "/admin/users" });
  await user.getByRole("heading", { level: 1, name: "This page is not for you" }).waitFor();
  expect(await user.locator("main").innerText()).not.toContain("@example.test");
});
