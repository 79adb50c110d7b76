import { useCallback } from "react";
import { useText } from "@/i18n/text";
import type { Category, Priority, Status } from "@/ui/badge";
import type { FieldName } from "./logic/fields";

const FIELD_TEXTS = {
  title: "field.title",
  description: "field.description",
  status: "field.status",
  priority: "field.priority",
  category: "field.category",
  assignedToId: "field.assignee",
} as const;

/** What a field is called. */
export function useFieldNames(): (field: FieldName) => string {
  const common = useText("common");
  return useCallback((field) => common(FIELD_TEXTS[field]), [common]);
}

/** What a field's value is called; `nameOf` names people. */
export function useValueNames(
  nameOf: (id: string) => string | null,
): (field: FieldName, value: string | null) => string {
  const common = useText("common");
  return (field, value) => {
    switch (field) {
      case "status":
        return common(`status.${value as Status}`);
      case "priority":
        return common(`priority.${value as Priority}`);
      case "category":
        return common(`category.${value as Category}`);
      case "assignedToId":
        return value === null ? common("unassigned") : (nameOf(value) ?? "…");
      default:
        return value ?? "";
    }
  };
}
