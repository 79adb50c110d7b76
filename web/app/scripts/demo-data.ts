// A week and a half of a help desk, for pictures.
import type { CreateTicketInput } from "@/api/schema";

export type Who = "ada" | "bruno" | "ulla" | "viktor" | "wanda" | "yusuf" | "chen" | "ines";

/** What somebody does with a ticket, so many hours after it was opened. */
export type Step = [
  hours: number,
  who: Who,
  what: { say: string } | { note: string } | Record<string, string>,
];

export interface Story extends CreateTicketInput {
  /** How many hours ago it was opened. */
  ago: number;
  by: Who;
  steps: Step[];
}

const take = (who: "ada" | "bruno"): Record<string, string> => ({ assignedToId: who });
const say = (say: string) => ({ say });
const note = (note: string) => ({ note });
const IN_PROGRESS = { status: "IN_PROGRESS" };
const WAITING = { status: "WAITING" };
const RESOLVED = { status: "RESOLVED" };
const CLOSED = { status: "CLOSED" };

const story = (
  ago: number,
  by: Who,
  [category, priority]: [string, string],
  title: string,
  description: string,
  steps: Step[] = [],
): Story => ({ ago, by, category, priority, title, description, steps });

/** The one that is looked at closely. */
export const MAIN = "VPN drops every ten minutes";

export const STORIES: readonly Story[] = [
  story(
    250,
    "wanda",
    ["HARDWARE", "LOW"],
    "Second screen stays black",
    "Since I moved desks the second screen stays black. The cables are in, as far as I can tell.",
    [
      [5, "bruno", take("bruno")],
      [6, "bruno", say("Is the light on the dock blue or orange?")],
      [20, "wanda", say("Orange.")],
      [26, "bruno", say("It was the dock; I have put a new one on your desk.")],
      [26, "bruno", RESOLVED],
      [98, "bruno", CLOSED],
    ],
  ),
  story(
    226,
    "ines",
    ["SOFTWARE", "HIGH"],
    "Invoices print without the logo",
    "Since the update all invoices come out **without the logo** and with another font.",
    [
      [1, "ada", take("ada")],
      [2, "ada", IN_PROGRESS],
      [3, "ada", note("The template's path has changed with version 9; legal has the old one on paper.")],
      [7, "ada", say("The template is repaired. Please print one more, and tell me if it looks right.")],
      [8, "ines", say("Perfect, thank you!")],
      [8.2, "ada", RESOLVED],
    ],
  ),
  story(
    200,
    "chen",
    ["ACCESS", "MEDIUM"],
    "Access to the sales reports",
    "I have moved from purchasing to sales, and cannot open the reports of my new team.",
    [
      [2, "bruno", take("bruno")],
      [3.5, "bruno", say("Done; it takes an hour until it works everywhere.")],
      [3.6, "bruno", RESOLVED],
    ],
  ),
  story(
    171,
    "yusuf",
    ["NETWORK", "CRITICAL"],
    "No network on the second floor",
    "Nobody on the second floor has a network, by cable or by radio.",
    [
      [0.1, "ada", take("ada")],
      [0.2, "ada", IN_PROGRESS],
      [0.3, "ada", say("We are on it: a switch has lost power.")],
      [1.4, "ada", say("It is back. The socket's fuse had blown; facility management knows.")],
      [1.5, "ada", RESOLVED],
    ],
  ),
  story(
    150,
    "ulla",
    ["ACCESS", "MEDIUM"],
    "My badge does not open the garage",
    "My badge does not open the garage any more, since it was in the wash.",
    [
      [4, "bruno", take("bruno")],
      [5, "bruno", say("A new one lies at reception; please bring a photo.")],
      [5, "bruno", WAITING],
      [28, "ulla", say("I have it, and it works.")],
      [29, "bruno", RESOLVED],
    ],
  ),
  story(
    126,
    "viktor",
    ["TRAVEL", "MEDIUM"],
    "Laptop for the trade fair",
    "I need a laptop with our demo on it for the trade fair, from the 12th to the 15th.",
    [
      [3, "ada", take("ada")],
      [4, "ada", say("Reserved. You can fetch it on the 11th.")],
      [4, "ada", WAITING],
    ],
  ),
  story(
    102,
    "wanda",
    ["SOFTWARE", "MEDIUM"],
    "Software for signing documents",
    "Legal wants contracts signed electronically from now on. What do we use for that?",
    [
      [2, "ada", take("ada")],
      [20, "ada", note("Two vendors to choose from; licences cost about the same.")],
      [21, "ada", IN_PROGRESS],
      [45, "ada", say("We are trying two; would you like to be one of the first?")],
      [47, "wanda", say("Yes, gladly!")],
    ],
  ),
  story(
    80,
    "chen",
    ["HARDWARE", "HIGH"],
    "Docking station does not charge",
    "The docking station charges neither my laptop nor that of my neighbour.",
    [
      [1, "bruno", take("bruno")],
      [2, "bruno", IN_PROGRESS],
      [6, "bruno", say("A new power supply has been ordered, and comes tomorrow.")],
      [6, "bruno", WAITING],
    ],
  ),
  story(
    76,
    "ulla",
    ["SOFTWARE", "MEDIUM"],
    "Calendar shows meetings an hour late",
    "Since the clocks changed, meetings with the office in Lisbon are shown an hour late.",
    [
      [3, "ada", take("ada")],
      [9, "ada", RESOLVED],
    ],
  ),
  story(
    53,
    "yusuf",
    ["OTHER", "LOW"],
    "Phone forwards to the wrong person",
    "Calls to my number go to reception, also when I am at my desk.",
    [[22, "bruno", take("bruno")]],
  ),
  story(
    51,
    "ines",
    ["ACCESS", "HIGH"],
    "Locked out of payroll",
    "Payroll says that my account is locked, and the month ends on Friday.",
    [
      [0.5, "ada", take("ada")],
      [1, "ada", say("Unlocked. Somebody has tried your old password several times: was that you?")],
      [2, "ines", say("My phone still had the old one. Sorry!")],
      [2.1, "ada", RESOLVED],
    ],
  ),
  story(30, "viktor", ["NETWORK", "HIGH"], MAIN, description(), [
    [0.6, "bruno", take("bruno")],
    [
      0.8,
      "bruno",
      say(
        "Thank you for the log. The gateway says that the tunnel is closed **from your side**, each time after 600 s.\n\nDoes it happen by cable, too?",
      ),
    ],
    [0.8, "bruno", WAITING],
    [
      1.5,
      "bruno",
      note(
        "Same as last year with the other model: power saving of the radio. Driver 22.190 has the fix, but is not released yet.",
      ),
    ],
    [3, "viktor", say("By cable it holds!")],
    [3.2, "bruno", IN_PROGRESS],
    [3.3, "ada", say("I have seen the same with two others since Monday. All of them have the new model.")],
    [22, "ada", { priority: "CRITICAL" }],
    [
      26,
      "bruno",
      say(
        "There is a driver that helps:\n\n1. Open *Software Center*\n2. Install `Wireless 22.190`\n3. Restart\n\nPlease tell me whether it holds for an hour.",
      ),
    ],
  ]),
  story(
    27,
    "wanda",
    ["SOFTWARE", "CRITICAL"],
    "Spreadsheet crashes on opening",
    "The budget for next year crashes the spreadsheet program each time that I open it.\n\nIt is due **tomorrow**.",
    [
      [0.4, "ada", take("ada")],
      [0.5, "ada", IN_PROGRESS],
      [1, "ada", say("Which version? It is in *Help → About*.")],
      [1.2, "wanda", say("16.78")],
    ],
  ),
  story(
    21,
    "chen",
    ["SOFTWARE", "LOW"],
    "Please install the new font",
    "Marketing has a new font. Could I have it, too?",
  ),
  story(
    8,
    "ulla",
    ["HARDWARE", "HIGH"],
    "Printer on the third floor says PC LOAD LETTER",
    "It has said so since this morning. I have put paper into tray 2, and turned it off and on again.",
    [
      [1, "ada", take("ada")],
      [1.2, "ada", say("I am on my way.")],
      [1.2, "ada", IN_PROGRESS],
    ],
  ),
  story(
    5,
    "ines",
    ["NETWORK", "MEDIUM"],
    "Video calls stutter in room 2.14",
    "All video calls from room 2.14 stutter, those from other rooms do not.",
  ),
  story(
    3,
    "yusuf",
    ["ACCESS", "MEDIUM"],
    "Second factor on a new phone",
    "I have a new phone, and my codes are on the old one, which is in the lake.",
  ),
  story(1.4, "viktor", ["HARDWARE", "LOW"], "A chair that squeaks", "Probably not for you, but for whom?"),
  story(
    0.4,
    "wanda",
    ["SOFTWARE", "HIGH"],
    "Cannot open attachments from customers",
    "Every PDF from customers is said to be damaged since about an hour ago.",
  ),
];

function description(): string {
  return `Since the update on Monday the VPN drops **every ten minutes**, in the office and at home.

What I tried:

- another network: the same
- without the second screen: the same
- \`vpn --verbose\` says

\`\`\`
10:20:07 tunnel up (203.0.113.7)
10:30:07 keepalive missed, closing
10:30:09 tunnel down
\`\`\`

The whole log is attached.`;
}
