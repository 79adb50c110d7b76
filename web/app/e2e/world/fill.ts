// A desk on which something has happened: what pages are looked at with.
import type { Ticket } from "@/api/schema";
import type { Desk } from "./desk";
import type { Person } from "./person";

/** What there is to look at. */
export interface Filled {
  /** Viktor's, with everything that a ticket can have. */
  full: Ticket;
  /** Ulla's, with nothing beyond what it was opened with. */
  bare: Ticket;
  /** Somebody without an account, and their ticket. */
  guest: Person;
  guestTicket: string;
  /** The link that they were mailed. */
  guestLink: string;
}

const LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

const DESCRIPTION = `The printer on the third floor shows **PC LOAD LETTER** since this morning.

1. I opened tray 2 and put paper in.
2. I turned it off and on again.

| Tray | Paper | Says |
| --- | --- | --- |
| 1 | A4 | ready |
| 2 | Letter | PC LOAD LETTER |

\`\`\`
lpstat -p third-floor-printer-with-a-name-that-is-far-too-long-for-a-narrow-screen
\`\`\`

> Have you tried another printer?

See <https://example.org/a/very/long/address/that/does/not/fit/on/a/narrow/screen/at/all?and=has&a=query>.`;

const TITLES = [
  ["VPN drops every ten minutes", "NETWORK", "HIGH"],
  ["Access to the shared calendar", "ACCESS", "MEDIUM"],
  ["Spreadsheet crashes on opening", "SOFTWARE", "CRITICAL"],
  ["Laptop for the trade fair", "TRAVEL", "LOW"],
  [`A title with ${LONG_WORD} in it`, "OTHER", "MEDIUM"],
] as const;

/** Lets people do what they do. */
export async function fill(desk: Desk): Promise<Filled> {
  const { ada, bruno, ulla, viktor } = desk.people;
  const full = await viktor.createTicket({
    title: "The printer on the third floor says PC LOAD LETTER",
    description: DESCRIPTION,
    priority: "HIGH",
  });
  await ada.change(full.id, { assignedToId: ada.id });
  await ada.change(full.id, { status: "IN_PROGRESS" });
  await ada.comment(full.id, "I am on my way. `lpstat` says that it is **busy**.");
  await ada.comment(full.id, "Third one of this model this month: we should send them all back.", {
    isInternal: true,
  });
  await viktor.comment(full.id, "Thank you! It smells of toner now.");
  await viktor.attach(full.id, `a-picture-of-${LONG_WORD}.png`, PIXEL, "image/png");
  await viktor.attach(full.id, "log.txt", "PC LOAD LETTER\n".repeat(400));
  await bruno.change(full.id, { priority: "CRITICAL" });

  const others: Ticket[] = [];
  for (const [title, category, priority] of TITLES) {
    others.push(
      await ulla.createTicket({ title, category, priority, description: `${title}, since Monday.` }),
    );
  }
  const [vpn, calendar, spreadsheet, laptop] = others;
  await bruno.change(vpn!.id, { assignedToId: bruno.id, status: "WAITING" });
  await ada.change(calendar!.id, { assignedToId: ada.id, status: "RESOLVED" });
  await ada.change(laptop!.id, { status: "CLOSED" });

  const { guest, ticket, mail } = await desk.guest();
  await ada.comment(ticket, "Come by with the badge, and we will have a look.");
  return {
    full: await ada.ticket(full.id),
    bare: spreadsheet!,
    guest,
    guestTicket: ticket,
    guestLink: desk.link(mail),
  };
}

/** The smallest picture: one grey point. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);
