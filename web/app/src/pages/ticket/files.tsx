import { Download, FileText, Image, Paperclip } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Attachment } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Section } from "@/ui/card";
import { Moment } from "@/ui/time";
import { useShown } from "./view";

const PreviewDialog = lazy(() => import("./preview-dialog"));

/** Pictures that a browser shows and runs nothing of; the server has looked at their bytes. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** The ticket's files, newest first. Where more are added is the composer. */
export function Files() {
  const t = useText("ticket");
  const { known } = useShown();
  const [preview, setPreview] = useState<Attachment | null>(null);
  const files = known.attachments ?? [];
  if (files.length === 0) return null;
  return (
    <Section title={t("attachments", { n: files.length })}>
      <ul className="flex flex-col divide-y divide-line rounded-lg border border-line">
        {files.map((file) => (
          <FileItem key={file.id} file={file} show={() => setPreview(file)} />
        ))}
      </ul>
      {preview && (
        <Suspense>
          <PreviewDialog file={preview} onClose={() => setPreview(null)} />
        </Suspense>
      )}
    </Section>
  );
}

function FileItem({ file, show }: { file: Attachment; show: () => void }) {
  const t = useText("ticket");
  const format = useFormats();
  const { fileName, fileSize, filePath, mimeType, uploadedBy, createdAt } = file;
  const isShown = SHOWN.has(mimeType);
  const Icon = isShown ? Image : mimeType.startsWith("text/") ? FileText : Paperclip;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <Icon aria-hidden size={18} className="shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-40">
        {isShown ? (
          <button type="button" onClick={show} className="text-start text-link underline">
            <bdi>{fileName}</bdi>
          </button>
        ) : (
          <bdi className="font-medium">{fileName}</bdi>
        )}
        <p className="text-muted text-xs">
          {format.bytes(fileSize)} · {t("uploadedBy", { name: uploadedBy.name })}{" "}
          <Moment at={createdAt} isRelative />
        </p>
      </div>
      <a
        href={filePath}
        download={fileName}
        aria-label={t("download", { name: fileName })}
        title={t("download", { name: fileName })}
        className="inline-grid size-9 place-items-center rounded-lg text-muted hover:bg-hover hover:text-ink"
      >
        <Download aria-hidden size={18} />
      </a>
    </li>
  );
}
