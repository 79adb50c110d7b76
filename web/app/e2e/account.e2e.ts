// One's own account: name, mail, password, sessions and tokens; and a guest's links.
import { expect, test } from "vitest";
import { openWorld, until } from "./world";
import { ask } from "./world/person";

const world = openWorld();

test("name, mail and appearance are changed, and hold", async () => {
  const person = await world.register("Petra Profile");
  const page = await world.page(person, { path: "/account" });
  await page.getByLabel("Full name").fill("Petra Profil");
  await page.getByLabel("Department").fill("");
  // What is typed is kept until it is saved.
  await page.reload();
  expect(await page.getByLabel("Full name").inputValue()).toBe("Petra Profil");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("button", { name: "Account: Petra Profil" }).waitFor();
  await page.getByRole("radio", { name: "Only mine" }).check();
  await until("the choice on the server", async () => {
    const me = await person.get<Record<string, unknown>>("/api/auth/me");
    return me["notifications"] === "MINE" && me["name"] === "Petra Profil" && !me["department"] ? true : null;
  });
  const main = page.getByRole("main");
  await main.getByRole("combobox", { name: "Appearance" }).selectOption("Dark");
  await main.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await page.getByRole("heading", { level: 1, name: "Konto" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Konto" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
});

test("sessions elsewhere end one by one, all at once, and with the password", async () => {
  world.announce(/api\/auth\/password/);
  const person = await world.register("Simon Sessions");
  const [one, other] = [
    await world.desk.signIn(person.email, person.password),
    await world.desk.signIn(person.email, person.password),
  ];
  const isIn = async (who: typeof one) => (await who.ask("GET", "/api/auth/me")).status === 200;
  const page = await world.page(person, { path: "/account" });
  const sessions = page.getByRole("region", { name: "Where you are signed in" });
  await until("all sessions", async () =>
    (await sessions.getByRole("listitem").count()) === 4 ? true : null,
  );
  expect(await sessions.getByText("This browser").count()).toBe(1);
  await sessions
    .getByRole("button", { name: /^Sign out node/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: "Sign out" });
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await until("three sessions", async () =>
    (await sessions.getByRole("listitem").count()) === 3 ? true : null,
  );
  expect((await Promise.all([person, one, other].map(isIn))).filter(Boolean)).toHaveLength(2);

  await page.locator("[name=currentPassword]").fill("not this one");
  await page.locator("[name=newPassword]").fill("terns-over-harbour-11");
  await page.locator("[name=again]").fill("terns-over-harbour-11");
  await page.getByRole("button", { name: "Change password" }).click();
  await until("an error at the present password", async () =>
    (await page.locator("[name=currentPassword]").getAttribute("aria-invalid")) === "true" ? true : null,
  );
  await page.locator("[name=currentPassword]").fill(person.password);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Your password is changed").waitFor();
  await until("one session", async () =>
    (await sessions.getByRole("listitem").count()) === 1 ? true : null,
  );
  expect((await Promise.all([person, one, other].map(isIn))).filter(Boolean)).toHaveLength(0);

  const again = await world.desk.signIn(person.email, "terns-over-harbour-11");
  await page.reload();
  await sessions.getByRole("button", { name: "Sign out everywhere else" }).click();
  const all = page.getByRole("dialog", { name: "Sign out everywhere else" });
  await all.getByRole("button", { name: "Sign out", exact: true }).click();
  await until("its end", async () => ((await isIn(again)) ? null : true));
});

test("a token is shown once, works, and is withdrawn", async () => {
  const page = await world.page(world.people.bruno, { path: "/account" });
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog", { name: "New token" });
  await dialog.getByRole("button", { name: "Make the token" }).click();
  await dialog.getByText("This is needed.").waitFor();
  await dialog.getByLabel("Name").fill("Nightly report");
  await dialog.getByLabel("Ends after").selectOption("7 days");
  await dialog.getByRole("button", { name: "Make the token" }).click();
  const field = dialog.getByRole("textbox", { name: "Nightly report" });
  const token = await field.inputValue();
  await dialog.getByRole("button", { name: "Copy" }).click();
  await dialog.getByRole("button", { name: "Copied", exact: true }).waitFor();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  const use = () => ask(world.url, "GET", "/api/tickets", undefined, { authorization: `Bearer ${token}` });
  expect((await use()).status).toBe(200);
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(token);
  await page.reload();
  await page.getByText("Nightly report").waitFor();
  expect(await page.content()).not.toContain(token);
  await page.getByRole("button", { name: "Withdraw Nightly report" }).click();
  const asked = page.getByRole("dialog", { name: "Withdraw Nightly report" });
  await asked.getByRole("button", { name: "Withdraw", exact: true }).click();
  await page.getByText("No tokens").waitFor();
  expect((await use()).status).toBe(401);
});

test("a guest makes links worthless; an auditor has a name that others gave", async () => {
  const { guest, ticket, mail } = await world.guest("Greta Gone");
  const page = await world.page(guest, { path: "/account" });
  expect(await page.locator("[name=currentPassword]").count()).toBe(0);
  await page.getByRole("button", { name: "Make them worthless" }).click();
  const dialog = page.getByRole("dialog", { name: "Make them worthless" });
  await dialog.getByRole("button", { name: "Make them worthless" }).click();
  await page.getByText("worthless now").waitFor();
  const code = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/.exec(mail.text)?.[0];
  expect((await ask(world.url, "POST", "/api/guest/session", { code })).status).toBe(401);
  await page.goto(`/tickets/view/${ticket}`);
  await page.getByRole("heading", { level: 1, name: "My badge opens no door" }).waitFor();

  const alma = await world.page(world.people.alma, { path: "/account" });
  await alma.getByRole("region", { name: "Profile" }).getByText("Alma Auditor").waitFor();
  expect(await alma.getByLabel("Full name").count()).toBe(0);
});
