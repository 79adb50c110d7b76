import { text } from "@/i18n/text";
import type { Note } from "./bell-notes";

/** What a note says. */
export async function noteText({ kind, title, who, status }: Note): Promise<string> {
  return text("notifications", `one.${kind}`, {
    title: `“${title}”`,
    who: who ?? (await text("notifications", "somebody")),
    status: status ? await text("common", `status.${status}` as "status.OPEN") : "",
  });
}
