// A desk on which a week and a half has passed.
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ticket } from "@/api/schema";
import type { Desk } from "../e2e/world/desk";
import type { Filled } from "../e2e/world/fill";
import type { Person } from "../e2e/world/person";
import { MAIN, type Step, STORIES, type Who } from "./demo-data";

const HOUR_S = 3_600;

/** Where libfaketime is on Debian; another place in `FAKETIME`. */
const PLACES = [
  process.env["FAKETIME"],
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
];

/** The program's clock, if libfaketime is installed; otherwise everything happens just now. */
export class Clock {
  /** What the program has to be started with. */
  readonly surroundings: Record<string, string> = {};
  readonly #file = join(tmpdir(), `informejo-clock-${process.pid}`);
  readonly isThere: boolean;

  constructor() {
    const library = PLACES.find((place) => place !== undefined && existsSync(place));
    this.isThere = library !== undefined;
    if (!library) return;
    this.surroundings = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** It is so many hours ago. */
  async set(hoursAgo: number): Promise<void> {
    // At once: a file that is empty for a moment would be a moment of today.
    await writeFile(`${this.#file}.new`, `-${Math.round(hoursAgo * HOUR_S)}`);
    await rename(`${this.#file}.new`, this.#file);
  }
}

type Act = { ago: number; who: Who; run: () => Promise<void> };

/** Lets it pass. `clock` is what `desk` was started with. */
export async function demo(desk: Desk, clock: Clock): Promise<Filled> {
  const people: Record<Who, Person> = {
    ...desk.people,
    wanda: await desk.register("Wanda Wolff", { department: "Legal" }),
    yusuf: await desk.register("Yusuf Yılmaz", { email: "yusuf@example.test", department: "Logistics" }),
    chen: await desk.register("Chen Li", { department: "Purchasing" }),
    ines: await desk.register("Inês Duarte", { email: "ines@example.test", department: "Finance" }),
  };
  const tickets = new Map<string, Ticket>();
  const acts: Act[] = STORIES.flatMap(({ ago, by, steps, ...wish }) => [
    {
      ago,
      who: by,
      run: async () => {
        const ticket = await people[by].createTicket(wish);
        tickets.set(wish.title, ticket);
        if (wish.title === MAIN)
          await people[by].attach(ticket.id, "vpn.log", "10:30:09 tunnel down\n".repeat(700));
      },
    },
    ...steps.map((step) => ({
      ago: ago - step[0],
      who: step[1],
      run: () => take(step, people, tickets.get(wish.title)!.id),
    })),
  ]);
  let guest: Awaited<ReturnType<Desk["guest"]>> | undefined;
  acts.push({ ago: 4, who: "ada", run: async () => void (guest = await desk.guest()) });
  acts.push({
    ago: 2,
    who: "bruno",
    run: async () =>
      void (await people.bruno.comment(guest!.ticket, "Come by with the badge, and we will have a look.")),
  });
  for (const { ago, who, run } of acts.toSorted((one, other) => other.ago - one.ago)) {
    await clock.set(ago);
    // A session that is not used ends, and days pass here in no time.
    if (clock.isThere) await desk.renew(people[who]);
    await run();
  }
  await clock.set(0);
  if (clock.isThere) for (const person of Object.values(people)) await desk.renew(person);
  return {
    full: await people.ada.ticket(tickets.get(MAIN)!.id),
    bare: tickets.get("Please install the new font")!,
    guest: guest!.guest,
    guestTicket: guest!.ticket,
    guestLink: desk.link(guest!.mail),
  };
}

async function take([, who, what]: Step, people: Record<Who, Person>, id: string): Promise<void> {
  const person = people[who];
  if ("say" in what) await person.comment(id, what["say"]!);
  else if ("note" in what) await person.comment(id, what["note"]!, { isInternal: true });
  else if ("assignedToId" in what)
    await person.change(id, { assignedToId: people[what["assignedToId"] as Who].id });
  else await person.change(id, what);
}
