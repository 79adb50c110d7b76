import { useQuery } from "@tanstack/react-query";
import { agentsQuery } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { useText } from "@/i18n/text";
import type { TicketChange } from "@/lib/ticket-change";
import type { Category, Priority, Status } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { OpenConflict } from "./triage";

const NAMES = {
  status: "field.status",
  priority: "field.priority",
  category: "field.category",
  assignedToId: "field.assignee",
  title: "field.title",
  description: "field.description",
} as const;

/** Two people have changed the same field at the same time: which one holds? Leaving without an answer leaves theirs. */
export default function ConflictDialog({ conflict }: { conflict: OpenConflict }) {
  const t = useText("tickets");
  const common = useText("common");
  const { data: agents } = useQuery(agentsQuery);
  const { theirs, mine, decide } = conflict;
  const say = (name: keyof typeof NAMES, from: Ticket | TicketChange): string => {
    const value = from[name];
    if (name === "status") return common(`status.${value as Status}`);
    if (name === "priority") return common(`priority.${value as Priority}`);
    if (name === "category") return common(`category.${value as Category}`);
    if (name !== "assignedToId") return value ?? "";
    if (!value) return common("unassigned");
    return agents?.find(({ id }) => id === value)?.name ?? theirs.assignedTo?.name ?? value;
  };
  return (
    <Dialog title={t("conflict.title")} isOpen onClose={() => decide("theirs")}>
      <p>{t("conflict.help", { title: theirs.title })}</p>
      <table className="w-full text-start">
        <thead>
          <tr className="text-muted border-b border-line text-xs">
            <th scope="col" className="w-1/4">
              <span className="sr-only">{t("ticket")}</span>
            </th>
            <th scope="col" className="py-1 text-start font-medium">
              {t("conflict.theirs")}
            </th>
            <th scope="col" className="py-1 text-start font-medium">
              {t("conflict.mine")}
            </th>
          </tr>
        </thead>
        <tbody>
          {(Object.keys(mine) as (keyof typeof NAMES)[]).map((name) => (
            <tr key={name}>
              <th scope="row" className="text-muted py-1.5 text-start font-normal">
                {common(NAMES[name])}
              </th>
              <td className="py-1.5 font-medium">{say(name, theirs)}</td>
              <td className="py-1.5 font-medium">{say(name, mine)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => decide("theirs")}>{t("conflict.takeTheirs")}</Button>
        <Button look="primary" onClick={() => decide("mine")}>
          {t("conflict.takeMine")}
        </Button>
      </div>
    </Dialog>
  );
}
