import { FileText, Lock, Trash2 } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import type { Attachment, Comment, Ticket } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Avatar } from "@/ui/avatar";
import { Badge, type Category, PriorityBadge, StatusBadge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { cx } from "@/ui/classes";
import { Moment } from "@/ui/time";
import { Written } from "@/ui/written";
import { useValueText } from "../value";
import { WordDiff } from "../words";
import type { Frame } from "./film";

const NEW = "rounded-lg outline-2 outline-offset-2 outline-accent";

/** The ticket as it was, with what the event changed marked. */
export function Picture({ frame }: { frame: Frame }) {
  const t = useText("auditor");
  const common = useText("common");
  const { step, last, comments, files, changed } = frame;
  if (!last) return null;
  const before = step.before ?? null;
  const newComment = step.type === "CommentAdded" ? comments.at(-1)?.id : undefined;
  const newFile = step.type === "AttachmentAdded" ? files.at(-1)?.id : undefined;
  return (
    <Card className={cx("flex flex-col gap-5 p-4 sm:p-5", frame.ticket === null && "border-danger")}>
      {frame.ticket === null && (
        <p className="flex items-center gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
          <Trash2 aria-hidden size={16} className="shrink-0" />
          {t("machine.deleted")}
        </p>
      )}
      <div className="flex flex-col gap-3">
        <h2 dir="auto" id="picture-title" className="text-lg font-semibold">
          {before && changed.has("title") ? (
            <WordDiff before={before.title} after={last.title} />
          ) : (
            last.title
          )}
        </h2>
        <Facts ticket={last} before={before} changed={changed} />
      </div>
      <div className="flex flex-col gap-1">
        <h3 className="text-xs font-semibold text-muted">{common("field.description")}</h3>
        <div dir="auto" className="whitespace-pre-wrap">
          {before && changed.has("description") ? (
            <WordDiff before={before.description} after={last.description} />
          ) : (
            last.description
          )}
        </div>
      </div>
      <Files files={files} newest={newFile} />
      <Comments comments={comments} newest={newComment} />
    </Card>
  );
}

function Facts({
  ticket,
  before,
  changed,
}: {
  ticket: Ticket;
  before: Ticket | null;
  changed: ReadonlySet<string>;
}) {
  const common = useText("common");
  const value = useValueText();
  const was = (field: string, earlier: string | null | undefined) =>
    before && changed.has(field) ? value(field, earlier ?? null) : null;
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(10.5rem,1fr))] gap-x-4 gap-y-3">
      <Fact name={common("field.status")} was={was("status", before?.status)}>
        <StatusBadge status={ticket.status} />
      </Fact>
      <Fact name={common("field.priority")} was={was("priority", before?.priority)}>
        <PriorityBadge priority={ticket.priority} />
      </Fact>
      <Fact name={common("field.category")} was={was("category", before?.category)}>
        {common(`category.${ticket.category as Category}`)}
      </Fact>
      <Fact name={common("field.assignee")} was={was("assignee", before?.assignedTo?.name)}>
        {ticket.assignedTo?.name ?? common("unassigned")}
      </Fact>
      <Fact name={common("field.requester")} was={was("requester", before?.createdBy.name)}>
        {ticket.createdBy.name}
      </Fact>
      <Fact name={common("field.created")} was={null}>
        <Moment at={ticket.createdAt} />
      </Fact>
    </dl>
  );
}

function Fact({ name, was, children }: { name: string; was: string | null; children: ReactNode }) {
  const t = useText("auditor");
  return (
    <div className={cx("flex flex-col items-start gap-0.5", was !== null && NEW)}>
      <dt className="text-xs font-semibold text-muted">{name}</dt>
      <dd className="flex flex-col items-start gap-0.5">
        {children}
        {was !== null && <span className="text-xs text-muted">{t("machine.was", { was })}</span>}
      </dd>
    </div>
  );
}

function Files({ files, newest }: { files: readonly Attachment[]; newest: string | undefined }) {
  const t = useText("auditor");
  const format = useFormats();
  if (files.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      <h3 className="text-xs font-semibold text-muted">{t("machine.files", { n: files.length })}</h3>
      <ul className="flex flex-wrap gap-2">
        {files.map((file) => (
          <li key={file.id} className={cx(file.id === newest && NEW)}>
            <a
              href={file.filePath}
              download={file.fileName}
              className="flex min-h-9 items-center gap-2 rounded-lg border border-line px-3 hover:bg-hover"
            >
              <FileText aria-hidden size={16} className="shrink-0 text-muted" />
              <bdi>{file.fileName}</bdi>
              <span className="text-xs text-muted">{format.bytes(file.fileSize)}</span>
              {file.id === newest && <Badge tone="info">{t("machine.new")}</Badge>}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** As many of the newest comments are shown unasked: a film of a thousand must not stutter. */
const SHOWN = 100;

function Comments({ comments, newest }: { comments: readonly Comment[]; newest: string | undefined }) {
  const t = useText("auditor");
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? comments : comments.slice(-SHOWN);
  return (
    <div className="flex flex-col gap-2">
      <h3 className="text-xs font-semibold text-muted">
        {comments.length === 0 ? t("machine.noComments") : t("machine.comments", { n: comments.length })}
      </h3>
      {/* The newest first: what the film has just added is in view. */}
      <ol reversed start={comments.length} className="flex flex-col gap-2">
        {shown.toReversed().map((comment) => (
          <Said key={comment.id} comment={comment} isNew={comment.id === newest} />
        ))}
      </ol>
      {shown.length < comments.length && (
        <Button className="self-start" onClick={() => setShowsAll(true)}>
          {t("machine.allComments")}
        </Button>
      )}
    </div>
  );
}

const Said = memo(function Said({ comment, isNew }: { comment: Comment; isNew: boolean }) {
  const t = useText("auditor");
  return (
    <li
      className={cx(
        "flex flex-col gap-1 rounded-lg border p-3",
        comment.isInternal ? "border-warning bg-warning-soft" : "border-line bg-surface",
        isNew && "outline-2 outline-offset-1 outline-accent",
      )}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Avatar name={comment.user.name} className="size-6 text-[0.625rem]" />
        <span className="font-medium">{comment.user.name}</span>
        {comment.isInternal && (
          <Badge tone="warning">
            <Lock aria-hidden size={12} />
            {t("machine.internal")}
          </Badge>
        )}
        {isNew && <Badge tone="info">{t("machine.new")}</Badge>}
        <span className="ms-auto text-xs text-muted">
          <Moment at={comment.createdAt} />
        </span>
      </div>
      <Written html={comment.contentHtml} text={comment.content} />
    </li>
  );
});
