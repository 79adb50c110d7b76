import { Download } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "@/api/schema";
import { useText } from "@/i18n/text";
import { Dialog } from "@/ui/dialog";

/** A picture, large. It comes from where it is downloaded, so that nobody sees more of it than may be seen. */
export default function PreviewDialog({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const t = useText("ticket");
  const [hasFailed, setFailed] = useState(false);
  const { fileName, filePath } = file;
  return (
    <Dialog title={fileName} isOpen onClose={onClose} className="w-[min(64rem,calc(100vw-2rem))]">
      {hasFailed ? (
        <p role="alert">{t("previewFailed")}</p>
      ) : (
        <img
          src={filePath}
          alt={fileName}
          onError={() => setFailed(true)}
          className="mx-auto max-h-[70vh] max-w-full rounded-lg bg-sunken object-contain"
        />
      )}
      <a
        href={filePath}
        download={fileName}
        className="inline-flex min-h-9 items-center gap-2 self-end text-link underline"
      >
        <Download aria-hidden size={16} />
        {t("download", { name: fileName })}
      </a>
    </Dialog>
  );
}
