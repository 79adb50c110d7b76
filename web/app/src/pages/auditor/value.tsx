import type { FieldChange } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { CATEGORIES, PRIORITIES, STATUSES } from "@/ui/badge";

type Value = FieldChange["from"];

const isOf = <Known extends string>(known: readonly Known[], value: unknown): value is Known =>
  known.some((one) => one === value);

/** Says a field's value in the reader's language. */
export function useValueText(): (field: string, value: Value) => string {
  const t = useText("auditor");
  const common = useText("common");
  const format = useFormats();
  return (field, value) => {
    if (value === null || value === undefined) {
      if (field === "assignee") return common("unassigned");
      return t("value.nothing");
    }
    if (typeof value === "boolean") return common(value ? "yes" : "no");
    if (typeof value === "object") {
      if ("fileName" in value) return value.fileName;
      return "content" in value ? value.content : value.name;
    }
    if (field === "status" && isOf(STATUSES, value)) return common(`status.${value}`);
    if (field === "priority" && isOf(PRIORITIES, value)) return common(`priority.${value}`);
    if (field === "category" && isOf(CATEGORIES, value)) return common(`category.${value}`);
    if (field === "resolvedAt") return format.dateTime(value);
    return value;
  };
}

const FIELDS = [
  "title",
  "description",
  "status",
  "priority",
  "category",
  "requester",
  "assignee",
  "resolvedAt",
  "comment",
  "attachment",
  "deleted",
] as const;

/** What a field is called. */
export function useFieldName(): (field: string) => string {
  const t = useText("auditor");
  return (field) => (isOf(FIELDS, field) ? t(`field.${field}`) : field);
}
