import type { FieldChange } from "@/api/schema";
import { useText } from "@/i18n/text";
import { Badge } from "@/ui/badge";
import { Moment } from "@/ui/time";
import { Written } from "@/ui/written";
import { useFieldName, useValueText } from "../value";
import { WordDiff } from "../words";

/** Fields that differ, texts word by word, and what was added. */
export function Changes({ changes }: { changes: readonly FieldChange[] }) {
  return (
    <ul className="flex flex-col gap-3">
      {changes.map((change, place) => (
        // Comments have the same field; the server gives all of them in an order of its own.
        <li key={`${change.field}-${place}`}>
          <Change change={change} />
        </li>
      ))}
    </ul>
  );
}

function Change({ change: { field, from, to } }: { change: FieldChange }) {
  const t = useText("auditor");
  const fieldName = useFieldName();
  const value = useValueText();
  if (to !== null && typeof to === "object" && "content" in to) {
    return (
      <div className="flex flex-col gap-1 border-s-4 border-success ps-3">
        <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
          <Badge tone="success">{t(to.isInternal ? "diff.noteAdded" : "diff.commentAdded")}</Badge>
          <span>{to.user.name}</span>
          <Moment at={to.createdAt} />
        </p>
        <Written html={to.contentHtml} text={to.content} />
      </div>
    );
  }
  if (to !== null && typeof to === "object" && "fileName" in to) {
    return (
      <p className="flex flex-wrap items-center gap-2 border-s-4 border-success ps-3">
        <Badge tone="success">{t("diff.fileAdded")}</Badge>
        <bdi>{to.fileName}</bdi>
        <span className="text-xs text-muted">{to.uploadedBy.name}</span>
      </p>
    );
  }
  const isText = field === "title" || field === "description";
  return (
    <div className="flex flex-col gap-0.5">
      <span className="text-xs font-semibold text-muted">{fieldName(field)}</span>
      {isText ? (
        <WordDiff before={typeof from === "string" ? from : ""} after={typeof to === "string" ? to : ""} />
      ) : (
        <span className="flex flex-wrap items-center gap-x-2">
          <bdi className="text-muted line-through">{value(field, from)}</bdi>
          <span aria-hidden className="rtl:-scale-x-100">
            →
          </span>
          <span className="sr-only">{t("diff.to")}</span>
          <bdi className="font-medium">{value(field, to)}</bdi>
        </span>
      )}
    </div>
  );
}
