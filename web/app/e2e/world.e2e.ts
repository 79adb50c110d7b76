// The harness itself: a watch that sees nothing would let everything pass.
import { expect, test } from "vitest";
import { openWorld, until } from "./world";

const world = openWorld();

test("the watch sees what must not happen on a page", async () => {
  const page = await world.page(world.people.ulla);
  const wrong: [what: RegExp, act: () => void][] = [
    [/console error: it is wrong/, () => console.error("it is wrong")], // oxlint-disable-line no-console -- wanted
    [
      /uncaught: .*thrown/,
      () =>
        void setTimeout(() => {
          throw new Error("thrown");
        }),
    ],
    [/a dialog says pwned/, () => alert("pwned")],
    [/elsewhere\.invalid/, () => void fetch("http://elsewhere.invalid/").catch(() => {})],
    [
      /Content Security Policy/,
      () => {
        const script = document.createElement("script");
        script.textContent = "1";
        document.body.append(script);
      },
    ],
    [/404.*\/api\/tickets\/nothing/, () => void fetch("/api/tickets/nothing")],
  ];
  for (const [what, act] of wrong) {
    await page.evaluate(act);
    const seen: string[] = [];
    await until(`a problem like ${what}`, () => {
      seen.push(...world.desk.watch.take());
      return seen.some((problem) => what.test(problem)) ? true : null;
    });
  }
});

test("what a test has announced is no problem, until its end", async () => {
  world.announce(/it is wrong/);
  const page = await world.page(world.people.ulla);
  // oxlint-disable-next-line no-console -- wanted
  await page.evaluate(() => console.error("it is wrong"));
  await until("the line", () => (world.console(page).includes("it is wrong") ? true : null));
  expect(world.desk.watch.take()).toEqual([]);
});

test("everybody is who they are, and guests are in", async () => {
  const { people } = world;
  for (const [name, role] of [
    ["ada", "ADMIN"],
    ["viktor", "USER"],
    ["alma", "AUDITOR"],
    ["otto", "OPERATOR"],
  ] as const) {
    expect(await people[name].get("/api/auth/me")).toMatchObject({ role, id: people[name].id });
  }
  const { guest, ticket, mail } = await world.guest();
  expect(mail.links.length).toBeGreaterThan(0);
  expect(world.link(mail).startsWith(world.url)).toBe(true);
  expect((await guest.ticket(ticket)).title).toBe("My badge opens no door");
});

test("a server that was killed comes back with everything", async () => {
  const { ulla } = world.people;
  const { id } = await ulla.createTicket({ title: "Survives" });
  await world.kill();
  await expect(ulla.get("/api/version")).rejects.toThrow();
  await world.restart();
  expect((await ulla.ticket(id)).title).toBe("Survives");
});
