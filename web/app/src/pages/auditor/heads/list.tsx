import { useInfiniteQuery } from "@tanstack/react-query";
import { Copy, Download, Signature, TriangleAlert } from "lucide-react";
import type { Head, Heads } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { saveAs } from "@/lib/save";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { toast } from "@/ui/toast";
import { headsQuery } from "../queries";

function useCopy(): (text: string) => void {
  const t = useText("auditor");
  return (text) => {
    const copied = () => toast(t("heads.copied"), { tone: "success", key: "copied" });
    const refused = () => toast(t("heads.notCopied"), { tone: "danger", key: "copied" });
    // Without TLS browsers have no clipboard to write to.
    const { clipboard } = navigator as { clipboard?: Clipboard };
    if (clipboard) clipboard.writeText(text).then(copied, refused);
    else refused();
  };
}

/** The signed heads, the newest first, with the key that proves them and where they are published. */
export function HeadsList() {
  const t = useText("auditor");
  const common = useText("common");
  const query = useInfiniteQuery(headsQuery);
  const first = query.data?.pages[0];
  const heads = query.data?.pages.flatMap((page) => page.heads) ?? [];
  if (query.isPending) return <Skeleton lines={6} />;
  if (!first) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {first.lastError && (
        <p role="alert" className="flex items-start gap-2 rounded-lg bg-danger-soft px-4 py-3 text-danger">
          <TriangleAlert aria-hidden size={18} className="mt-0.5 shrink-0" />
          <span>
            {t("heads.lastError")} <bdi>{first.lastError}</bdi>
          </span>
        </p>
      )}
      <Key heads={first} />
      <Section title={t("heads.list")}>
        {heads.length === 0 ? (
          <EmptyState icon={Signature} title={t("heads.none")} />
        ) : (
          <ol aria-label={t("heads.list")} className="flex flex-col divide-y divide-line">
            {heads.map((head) => (
              <li key={head.position} className="py-2.5 first:pt-0 last:pb-0">
                <HeadRow head={head} />
              </li>
            ))}
          </ol>
        )}
        {query.hasNextPage && (
          <Button
            className="mt-3"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {common("more")}
          </Button>
        )}
      </Section>
    </>
  );
}

function HeadRow({ head }: { head: Head }) {
  const t = useText("auditor");
  const format = useFormats();
  const copy = useCopy();
  const position = format.number(head.position);
  const download = () =>
    saveAs(new Blob([head.note], { type: "text/plain" }), `informejo-${head.position}.head`);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="tabular font-medium">{t("heads.position", { position })}</span>
        <span className="text-muted">
          <Moment at={head.signedAt} />
        </span>
        <span className="ms-auto flex">
          <IconButton label={t("heads.copy", { position })} icon={Copy} onClick={() => copy(head.note)} />
          <IconButton label={t("heads.download", { position })} icon={Download} onClick={download} />
        </span>
      </div>
      <details>
        <summary className="text-xs text-muted">{t("heads.note")}</summary>
        <pre
          dir="ltr"
          className="mt-1 rounded-lg bg-sunken p-3 font-mono text-xs break-all whitespace-pre-wrap"
        >
          {head.note}
        </pre>
      </details>
    </div>
  );
}

function Key({ heads }: { heads: Heads }) {
  const t = useText("auditor");
  const format = useFormats();
  const copy = useCopy();
  return (
    <Section title={t("heads.key")}>
      <div className="flex flex-col gap-3">
        <p className="text-muted">{t("heads.keyHelp")}</p>
        <div className="flex items-start gap-2">
          <code
            dir="ltr"
            className="min-w-0 flex-1 rounded-lg bg-sunken px-3 py-2 font-mono text-xs break-all"
          >
            {heads.key}
          </code>
          <IconButton label={t("heads.copyKey")} icon={Copy} onClick={() => copy(heads.key)} />
        </div>
        {heads.publications.length > 0 && (
          <>
            <h3 className="font-medium">{t("heads.published")}</h3>
            <ul className="flex flex-col gap-1">
              {heads.publications.map((publication) => (
                <li key={publication.place}>
                  <bdi className="font-mono text-xs break-all">{publication.place}</bdi>{" "}
                  <span className="text-muted">
                    {typeof publication.position === "number" &&
                      t("heads.position", { position: format.number(publication.position) })}{" "}
                    {publication.at && <Moment at={publication.at} />}
                  </span>
                  {publication.lastError && (
                    <span className="block text-danger">
                      <bdi>{publication.lastError}</bdi>
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Section>
  );
}
