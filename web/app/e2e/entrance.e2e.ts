// How people get in: registering, signing in, forgotten passwords, and the other pages that mails lead to.
import { expect, test } from "vitest";
import { type Page, openWorld, until } from "./world";
import { ask } from "./world/person";

// Passwords are not tried for ever here; otherwise tests are held up by no limits.
const world = openWorld({ PASSWORDS_PER_HOUR: "60" });

const path = (page: Page) => new URL(page.url()).pathname;
const arrives = (page: Page, at: string) => until(`the page ${at}`, () => (path(page) === at ? true : null));

/** The token is neither in the address nor in what the page asks for or keeps. */
async function follow(page: Page, link: string, token: string): Promise<string[]> {
  const told: string[] = [];
  page.on("request", (request) => told.push(request.url(), request.headers()["referer"] ?? ""));
  await page.goto(link);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(page.url()).not.toContain(token);
  return told;
}

test("an account begins by a mail, signs in, and gets a new password by another", async () => {
  world.announce(/api\/auth\/register\/confirm/, /api\/auth\/login/, /api\/auth\/password\/reset/);
  const page = await world.page(null, { path: "/login" });
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Full name").fill("Nora New");
  await page.getByLabel("Email address").fill("nora@example.test");
  await page.locator("[name=password]").fill("12345678");
  await page.getByLabel("Confirm password").fill("1234567");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("The two passwords differ.").waitFor();
  await page.getByLabel("Confirm password").fill("12345678");
  world.announce(/api\/auth\/register/);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("one of the most common passwords.").last().waitFor();
  const password = "herons-over-harbour-8";
  await page.locator("[name=password]").fill(password);
  await page.getByRole("button", { name: "Show password" }).first().click();
  expect(await page.locator("[name=password]").getAttribute("type")).toBe("text");
  await page.getByLabel("Confirm password").fill(password);
  // The draft has no password in it.
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Check your mail" }).waitFor();

  const mail = await world.mails.next("nora@example.test", "registration");
  const nora = await world.page(null, { path: null });
  const told = await follow(nora, world.link(mail), mail.token);
  await nora.locator("[name=password]").fill("not the one that was chosen");
  await nora.getByRole("button", { name: "Finish" }).click();
  await nora.getByText("The password is not the one that you chose").waitFor();
  await nora.locator("[name=password]").fill(password);
  await nora.getByRole("button", { name: "Finish" }).click();
  await nora.getByText("and you are signed in").waitFor();
  await arrives(nora, "/dashboard");
  expect(told.filter((line) => line.includes(mail.token))).toEqual([]);
  // Whoever is signed in is sent on.
  await nora.goto("/login?next=/tickets");
  await arrives(nora, "/tickets");

  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("Email address").fill("nora@example.test");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("a link is on its way").waitFor();
  const reset = await world.mails.next("nora@example.test", "password_reset");
  const toldThen = await follow(page, world.link(reset), reset.token);
  await page.locator("[name=newPassword]").fill("gulls-over-harbour-9");
  await page.getByLabel("Confirm password").fill("gulls-over-harbour-9");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("heading", { name: "Your password is set" }).waitFor();
  expect(toldThen.filter((line) => line.includes(reset.token))).toEqual([]);
  // The link is good once, also in a tab that has the page already.
  await page.goto(world.link(reset));
  await page.locator("[name=newPassword]").fill("gulls-over-harbour-10");
  await page.getByLabel("Confirm password").fill("gulls-over-harbour-10");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByText("This link does not work any more").waitFor();

  await page.goto("/account");
  await arrives(page, "/login");
  await page.getByLabel("Email address").fill("nora@example.test");
  await page.locator("[name=password]").fill(password);
  await page.locator("[name=password]").press("Enter");
  await page.getByText("The email address or the password is wrong.").waitFor();
  await page.locator("[name=password]").fill("gulls-over-harbour-9");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await arrives(page, "/account");
});

test("signing in leads nowhere else, says why it failed elsewhere, and is not tried for ever", async () => {
  const { ada } = world.people;
  const page = await world.page(null, { path: "/login?next=https://elsewhere.example/&error=denied" });
  await page.getByText("The sign-in was cancelled or refused there.").waitFor();
  await page.getByLabel("Email address").fill(ada.email);
  await page.locator("[name=password]").fill(ada.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await arrives(page, "/admin/dashboard");

  world.announce(/api\/auth\/login/);
  const stranger = await world.page(null, { path: "/login" });
  await stranger.getByLabel("Email address").fill("stranger@example.test");
  const wrong = { email: "stranger@example.test", password: "not this one" };
  await until("too many attempts", async () => {
    const tries = Array.from({ length: 5 }, () => ask(world.url, "POST", "/api/auth/login", wrong));
    return (await Promise.all(tries)).some(({ status }) => status === 429) ? true : null;
  });
  await stranger.locator("[name=password]").fill("not this one");
  await stranger.locator("[name=password]").press("Enter");
  await stranger.getByText(/Too many attempts\. Try again in [\d,]+ s\./).waitFor();
});

test("mail about tickets is ended by a button, and not by following the link", async () => {
  const { ulla } = world.people;
  await ulla.createTicket({ title: "Too much mail" });
  const mail = await world.mails.next(ulla.email, "created");
  const link = mail.links
    .find((one) => one.includes("/unsubscribe#"))
    ?.replace(world.desk.server.url, world.url);
  const page = await world.page(null, { path: null });
  await page.goto(link ?? "no link");
  await page.getByText("You get no more mail about tickets.").waitFor();
  expect(new URL(page.url()).hash).toBe("");
  const wish = async () => (await ulla.get<{ notifications: string }>("/api/auth/me")).notifications;
  expect(await wish()).toBe("ALL");
  await page.getByRole("button", { name: "Unsubscribe" }).click();
  await page.getByRole("heading", { name: "no more mail about tickets" }).waitFor();
  expect(await wish()).toBe("NONE");
});

test("the pages that mails lead to say what to do without a link", async () => {
  world.announce(/api\/auth\/identity\/link/);
  const page = await world.page(null, { path: null });
  for (const landing of ["/register/confirm", "/reset-password", "/unsubscribe", "/link-account"]) {
    await page.goto(landing);
    await page.getByText("Open this page by the link in your mail").waitFor();
  }
  await page.goto(`/link-account#${"0f".repeat(32)}`);
  await page.getByRole("button", { name: "Link", exact: true }).click();
  await page.getByText("Sign in through your organisation in this browser first").waitFor();
});
