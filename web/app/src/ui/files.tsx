import { FileText, ImageIcon, RotateCw, Upload, X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { type FileLimits, type RefusedFile, useDropAndPaste } from "@/lib/files";
import { useTicketUploads } from "@/lib/ticket-uploads";
import { IconButton } from "./button";
import { cx } from "./classes";
import { useProblemText } from "./states";

/** What the list shows of a file. */
export interface ShownFile {
  id: number;
  file: File;
  /** How much of it has been sent, from 0 to 1; null if it is not being sent. */
  progress?: number | null;
  /** What went wrong with it. */
  error?: string | undefined;
}

/**
 * Files, chosen by a button, dropped anywhere on the page or pasted; with what became of each. `remove` takes one back,
 * `retry` sends a failed one again.
 */
export function FilePicker({
  label,
  hint,
  limits,
  files,
  refused,
  isDisabled = false,
  add,
  remove,
  removeLabel = "remove",
  isCompact = false,
  retry,
}: {
  label: string;
  hint?: ReactNode;
  limits: FileLimits;
  files: readonly ShownFile[];
  refused: readonly RefusedFile[];
  isDisabled?: boolean;
  add: (files: File[]) => void;
  remove: (id: number) => void;
  removeLabel?: "remove" | "giveUp";
  /** In a line, below something that matters more. */
  isCompact?: boolean;
  retry?: (id: number) => void;
}) {
  const t = useText("files");
  const format = useFormats();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isOver = useDropAndPaste(!isDisabled, add);
  const { bytes, count, totalBytes } = limits;
  const places = {
    each: bytes === null ? "" : format.bytes(bytes),
    total: totalBytes === undefined ? "" : format.bytes(totalBytes),
    n: count ?? 0,
  };
  const limit = bytes !== null && t(count === undefined ? "limit.each" : "limit.all", places);

  const takeBack = (one: ShownFile) => {
    remove(one.id);
    // The button that had the focus is gone with the file.
    button.current?.focus();
  };

  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-2">
      <span id={id} className={isCompact ? "sr-only" : "font-medium"}>
        {label}
      </span>
      <div
        className={cx(
          "flex flex-wrap items-center gap-x-2 gap-y-1 rounded-lg border border-dashed px-4",
          isCompact ? "py-1" : "min-h-20 justify-center py-4 text-center",
          isOver ? "border-accent bg-selected" : "border-line-strong bg-sunken",
        )}
      >
        <Upload aria-hidden size={18} className="text-muted" />
        <span className="text-muted">{isOver ? t("dropNow") : t("dropHere")}</span>
        <button
          ref={button}
          type="button"
          disabled={isDisabled}
          aria-describedby={`${id}-hint`}
          onClick={() => input.current?.click()}
          className="min-h-8 rounded-md px-1 font-medium text-link underline disabled:opacity-60"
        >
          {t("choose")}
        </button>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={label}
          onChange={({ target }) => {
            add([...(target.files ?? [])]);
            // So that the same file can be chosen again after it was removed.
            target.value = "";
          }}
        />
      </div>
      <p id={`${id}-hint`} className="text-muted text-xs">
        {limit} {hint}
      </p>
      <div role="alert" className="empty:hidden">
        {refused.map(({ name, size, why }, place) => (
          <p key={`${place} ${name}`} className="text-danger text-xs font-medium">
            {t(`refused.${why}`, { ...places, name, size: format.bytes(size) })}
          </p>
        ))}
      </div>
      {files.length > 0 && (
        <ul aria-label={t("list")} className="flex flex-col gap-1.5">
          {files.map((one) => (
            <FileRow
              key={one.id}
              shown={one}
              isDisabled={isDisabled && removeLabel === "remove"}
              removeLabel={removeLabel}
              remove={() => takeBack(one)}
              retry={retry && (() => retry(one.id))}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function FileRow({
  shown: { file, progress, error },
  isDisabled,
  removeLabel,
  remove,
  retry,
}: {
  shown: ShownFile;
  isDisabled: boolean;
  removeLabel: "remove" | "giveUp";
  remove: () => void;
  retry: (() => void) | undefined;
}) {
  const t = useText("files");
  const format = useFormats();
  const Icon = file.type.startsWith("image/") ? ImageIcon : FileText;
  const { name } = file;
  const isSending = progress !== null && progress !== undefined;
  return (
    <li className="flex items-center gap-3 rounded-lg border border-line bg-surface py-1 ps-3 pe-1">
      <Icon aria-hidden size={18} className="shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <bdi className="min-w-0 truncate">{name}</bdi>
          <span className="tabular text-muted text-xs">
            {format.bytes(file.size)}
            {isSending && ` · ${progress >= 1 ? t("sent") : format.percent(progress)}`}
          </span>
        </p>
        {isSending && (
          <progress
            aria-label={t("progress", { name })}
            value={progress}
            max={1}
            className="upload-progress"
          />
        )}
        {error && (
          <p role="alert" className="text-danger text-xs font-medium">
            {error}
          </p>
        )}
      </div>
      {error && retry && (
        <IconButton label={t("retry", { name })} icon={RotateCw} onClick={retry} className="shrink-0" />
      )}
      <IconButton
        label={t(removeLabel, { name })}
        icon={X}
        disabled={isDisabled}
        onClick={remove}
        className="shrink-0 disabled:opacity-60"
      />
    </li>
  );
}

/**
 * Files for a ticket that is there already: each goes to it at once, with its progress, and can be sent again if it
 * failed. It appears among the ticket's files by itself.
 */
export function TicketFiles({
  ticket,
  label,
  isCompact = false,
}: {
  ticket: string;
  label: string;
  isCompact?: boolean;
}) {
  const t = useText("files");
  const problem = useProblemText();
  const { uploads, refused, arrived, lastArrived, limits, add, giveUp, retry } = useTicketUploads(ticket);
  const told = useRef(arrived);
  useEffect(() => {
    if (arrived !== told.current) announce(t("arrived", { name: lastArrived }));
    told.current = arrived;
  }, [arrived, lastArrived, t]);
  const files = uploads.map(({ id, file, state, progress, error }): ShownFile => {
    const isFailed = state === "failed";
    return { id, file, progress: isFailed ? null : progress, error: error ? problem(error) : undefined };
  });
  return (
    <FilePicker
      label={label}
      limits={limits}
      files={files}
      refused={refused}
      add={add}
      remove={giveUp}
      removeLabel="giveUp"
      isCompact={isCompact}
      retry={retry}
    />
  );
}
