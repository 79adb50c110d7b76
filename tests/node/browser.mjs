// A person at a real browser. Reads steps as JSON lines from its input, does each, and answers each with a line: "ok", or
// what went wrong. Whatever the page logs as an error, and whatever its policy forbids, is wrong too.
import { createInterface } from "node:readline";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROMIUM ?? programs.find((path) => existsSync(path));
const chrome = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const page = await (await chrome.newContext()).newPage();
page.setDefaultTimeout(20_000);
const faults = [];
const requests = [];
page.on("pageerror", (error) => faults.push(error.message));
page.on("dialog", (dialog) => {
  faults.push(`a dialog: ${dialog.message()}`);
  dialog.dismiss();
});
page.on("console", (message) => {
  // An answer that is a problem is told on the console too; what the page does with it is looked at.
  if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
});
page.on("request", (request) => {
  // What stands after the # is not sent.
  requests.push(`${request.url().split("#")[0]} ${request.headers().referer ?? ""}`);
});

/** The field with this label; what is required has a star. */
function field(label) {
  const escaped = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return page.getByLabel(new RegExp(`^${escaped}( \\*)?$`)).and(page.locator("input, textarea"));
}

const steps = {
  async go(url) {
    await page.goto(url);
  },
  async fill([label, value]) {
    await field(label).fill(value);
  },
  async attach([label, path]) {
    await field(label).setInputFiles(path);
  },
  async press(name) {
    await page.getByRole("button", { name, exact: true }).click();
  },
  async see(text) {
    await page.getByText(text).filter({ visible: true }).first().waitFor();
  },
  async addressLacks(text) {
    if (page.url().includes(text)) throw new Error("the address still has it");
  },
  async neverSent(text) {
    if (requests.some((request) => request.includes(text))) throw new Error("it was in a URL or a Referer");
  },
  async picture(path) {
    await page.screenshot({ path, fullPage: true });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, value] = JSON.parse(line);
  try {
    await steps[name](value);
    if (faults.length > 0) throw new Error(faults.join("; "));
    console.log(JSON.stringify("ok"));
  } catch (error) {
    console.log(JSON.stringify(`${error.message}\non the page: ${await page.locator("body").innerText()}`));
  }
}
await chrome.close();
