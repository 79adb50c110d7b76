import type { HistoryStep } from "@/api/schema";
import { useText } from "@/i18n/text";
import { useValueText } from "../value";
import { commentOf, fileOf } from "./film";

/** Who did it, in words. */
export function useDoer(): (step: HistoryStep) => string {
  const t = useText("auditor");
  return ({ actor }) => {
    if (actor.kind === "ACCOUNT") return actor.name;
    return actor.kind === "SYSTEM" ? t("doer.system", { name: actor.name }) : t("doer.anonymous");
  };
}

/** What happened, in a sentence of the reader's language; what this client does not know, in the server's. */
export function useTold(): (step: HistoryStep) => string {
  const t = useText("auditor");
  const value = useValueText();
  const doer = useDoer();
  return (step) => {
    const who = doer(step);
    const change = (field: string) => {
      const found = step.changes.find((change) => change.field === field);
      return { who, from: value(field, found?.from), to: value(field, found?.to) };
    };
    switch (step.type) {
      case "TicketCreated":
        return t("told.created", { who, to: step.after?.title ?? "" });
      case "TicketTitleChanged":
        return t("told.title", change("title"));
      case "TicketDescriptionChanged":
        return t("told.description", { who });
      case "TicketStatusChanged":
        return t("told.status", change("status"));
      case "TicketPriorityChanged":
        return t("told.priority", change("priority"));
      case "TicketCategoryChanged":
        return t("told.category", change("category"));
      case "TicketAssigned":
        return t("told.assigned", change("assignee"));
      case "TicketUnassigned":
        return t("told.unassigned", change("assignee"));
      case "CommentAdded":
        return t(commentOf(step)?.isInternal ? "told.internal" : "told.comment", { who });
      case "AttachmentAdded":
        return t("told.file", { who, to: fileOf(step)?.fileName ?? "" });
      case "TicketDeleted":
        return t("told.deleted", { who });
      default:
        return step.text;
    }
  };
}
