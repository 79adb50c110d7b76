import { Lock } from "lucide-react";
import { memo } from "react";
import type { Comment } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Avatar } from "@/ui/avatar";
import { Badge } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { Moment } from "@/ui/time";
import { Written } from "@/ui/written";

const BOX = "flex gap-3 rounded-xl border p-3 scroll-mt-20";

/** Something that was said, with a link to it. */
export const CommentItem = memo(function CommentItem({
  comment,
  isNew,
  isTarget,
  isMine,
}: {
  comment: Comment;
  isNew: boolean;
  isTarget: boolean;
  isMine: boolean;
}) {
  const t = useText("ticket");
  const common = useText("common");
  const format = useFormats();
  const { id, user, isInternal, content, contentHtml, createdAt } = comment;
  return (
    <li
      id={`comment-${id}`}
      tabIndex={-1}
      className={cx(
        BOX,
        "comment outline-offset-2",
        isInternal ? "border-note bg-note-soft" : "border-line bg-surface",
        isTarget && "ring-2 ring-accent",
      )}
    >
      <Avatar name={user.name} />
      <div className="min-w-0 flex-1">
        <p className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="font-semibold">{user.name}</bdi>
          {isMine && <span className="text-muted text-xs">({common("you")})</span>}
          {user.role === "ADMIN" && <Badge tone="info">{t("itSupport")}</Badge>}
          {isInternal && (
            <Badge tone="note">
              <Lock aria-hidden size={12} />
              {t("internal")}
            </Badge>
          )}
          {isNew && <Badge tone="success">{t("new")}</Badge>}
          <a
            href={`#comment-${id}`}
            title={format.dateTime(createdAt)}
            className="text-muted ms-auto min-h-6 text-xs hover:underline"
          >
            <span className="sr-only">{t("permalink", { name: user.name })} </span>
            <Moment at={createdAt} isRelative />
          </a>
        </p>
        <Written html={contentHtml} text={content} />
      </div>
    </li>
  );
});

/** Something that is on its way, or has come back. */
export function UnsentComment({
  name,
  content,
  isInternal,
  note,
  isRefused = false,
  children,
}: {
  name: string;
  content: string;
  isInternal: boolean;
  /** How it stands with it. */
  note: string;
  isRefused?: boolean;
  children?: React.ReactNode;
}) {
  const t = useText("ticket");
  return (
    <li
      className={cx(
        BOX,
        "border-dashed",
        isRefused ? "border-danger" : isInternal ? "border-note" : "border-line-strong",
        isInternal ? "bg-note-soft" : "bg-surface",
      )}
    >
      <Avatar name={name} />
      <div className="min-w-0 flex-1">
        <p className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="font-semibold">{name}</bdi>
          {isInternal && (
            <Badge tone="note">
              <Lock aria-hidden size={12} />
              {t("internal")}
            </Badge>
          )}
          <span role="status" className={cx("ms-auto text-xs", isRefused ? "text-danger" : "text-muted")}>
            {note}
          </span>
        </p>
        <Written html={null} text={content} />
        {children && <div className="mt-2 flex flex-wrap gap-2">{children}</div>}
      </div>
    </li>
  );
}
