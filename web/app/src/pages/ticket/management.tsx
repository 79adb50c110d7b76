import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { agentsQuery } from "@/api/queries";
import { useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { useMe } from "@/session/session";
import { CATEGORIES, PRIORITIES, STATUSES } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { ChoiceField } from "./choice-field";
import type { Values } from "./logic/fields";
import { basisOf, useChange } from "./use-change";
import { useShown } from "./view";

/** What agents decide about a ticket. Each choice counts at once. */
export function Management() {
  const t = useText("ticket");
  const common = useText("common");
  const me = useMe();
  const { ticket, known, pending } = useShown();
  const change = useChange(known.id);
  const { data: agents = [] } = useQuery(agentsQuery);

  const set = (values: Values) => {
    const { values: shown } = basisOf(ticket);
    change(values, { version: known.version, values: shown });
  };
  const assignToMe = () => {
    if (ticket.assignedToId !== me.id) set({ assignedToId: me.id });
  };
  useShortcuts([{ keys: "i", label: t("key.assignToMe"), group: t("shortcuts"), run: assignToMe }]);

  const { assignedTo } = ticket;
  const isListed = !assignedTo || agents.some(({ id }) => id === assignedTo.id);
  const people = isListed ? agents : [...agents, assignedTo];
  const assignees = [
    ["", common("unassigned")] as const,
    ...people.map(({ id, name }) => [id, id === me.id ? t("me", { name }) : name] as const),
  ];
  return (
    <Section title={t("manage")}>
      <div className="flex flex-col gap-3">
        {ticket.assignedToId !== me.id && (
          <Button
            look={ticket.assignedToId ? "secondary" : "primary"}
            icon={UserPlus}
            onClick={assignToMe}
            aria-keyshortcuts="i"
          >
            {t("assignToMe")}
          </Button>
        )}
        <ChoiceField
          keys="s"
          label={common("field.status")}
          value={ticket.status}
          options={STATUSES.map((one) => [one, common(`status.${one}`)] as const)}
          isPending={pending.has("status")}
          onChoose={(status) => set({ status })}
        />
        <ChoiceField
          keys="p"
          label={common("field.priority")}
          value={ticket.priority}
          options={PRIORITIES.map((one) => [one, common(`priority.${one}`)] as const)}
          isPending={pending.has("priority")}
          onChoose={(priority) => set({ priority })}
        />
        <ChoiceField
          keys="c"
          label={common("field.category")}
          value={ticket.category}
          options={CATEGORIES.map((one) => [one, common(`category.${one}`)] as const)}
          isPending={pending.has("category")}
          onChoose={(category) => set({ category })}
        />
        <ChoiceField
          keys="a"
          label={common("field.assignee")}
          value={ticket.assignedToId ?? ""}
          options={assignees}
          isPending={pending.has("assignedToId")}
          onChoose={(id) => set({ assignedToId: id === "" ? null : id })}
        />
      </div>
    </Section>
  );
}
