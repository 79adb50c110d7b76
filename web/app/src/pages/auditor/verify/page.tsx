import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { answer, api } from "@/api/client";
import type { Verification, VerificationWish } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { Button } from "@/ui/button";
import { Card, Section } from "@/ui/card";
import { TextArea, TextField } from "@/ui/field";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton, useProblemText } from "@/ui/states";
import { verificationQuery } from "../queries";
import { Report, useOutcomeText, useSectionName } from "./report";

const POLL_MS = 400;

/** Whether the record can be believed: the verification, as it goes on, and what the last one came to. */
export default function Verify() {
  const t = useText("auditor");
  const { data, error, refetch } = useQuery({
    ...verificationQuery,
    refetchInterval: ({ state }) => (state.data?.running ? POLL_MS : false),
  });
  useTold(data);
  return (
    <Page title={t("verify.title")} lead={t("verify.lead")}>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="order-2 flex flex-col gap-5 lg:order-1">
          {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
          {!error && !data && <Skeleton lines={6} />}
          {data?.running && <Progress verification={data} />}
          {data?.error && !data.running && (
            <p role="alert" className="rounded-lg bg-danger-soft px-4 py-3 text-danger">
              {t("verify.failed")} <bdi>{data.error}</bdi>
            </p>
          )}
          {data?.report && !data.running && <Report report={data.report} />}
          {data && !data.running && !data.report && !data.error && (
            <Card>
              <EmptyState icon={ShieldCheck} title={t("verify.none")}>
                <p>{t("verify.noneHelp")}</p>
              </EmptyState>
            </Card>
          )}
        </div>
        <div className="order-1 lg:order-2">
          <Begin isRunning={data?.running ?? false} />
        </div>
      </div>
    </Page>
  );
}

/** Says what it came to, to whoever does not look. */
function useTold(data: Verification | undefined): void {
  const outcome = useOutcomeText();
  const wasRunning = useRef(false);
  useEffect(() => {
    if (wasRunning.current && data && !data.running && data.report) announce(outcome(data.report.outcome));
    wasRunning.current = data?.running ?? false;
    // oxlint-disable-next-line react/exhaustive-deps -- told once, in the language of then
  }, [data]);
}

function Progress({ verification }: { verification: Verification }) {
  const t = useText("auditor");
  const format = useFormats();
  const sectionName = useSectionName();
  const progress = verification.progress ?? null;
  return (
    <Section title={t("verify.running")}>
      <div className="flex flex-col gap-2">
        {progress ? (
          <>
            <label htmlFor="verify-progress" className="font-medium">
              {sectionName(progress.section)}
            </label>
            <progress
              id="verify-progress"
              className="upload-progress h-2"
              max={Math.max(1, progress.total)}
              value={progress.done}
            />
            <span className="tabular text-muted">
              {t("verify.progress", {
                done: format.number(progress.done),
                total: format.number(progress.total),
              })}
            </span>
          </>
        ) : (
          <progress aria-label={t("verify.running")} className="upload-progress h-2" />
        )}
      </div>
    </Section>
  );
}

function Begin({ isRunning }: { isRunning: boolean }) {
  const t = useText("auditor");
  const say = useProblemText();
  const queries = useQueryClient();
  const [since, setSince] = useState("");
  const [heads, setHeads] = useState("");
  const [skipsFiles, setSkipsFiles] = useState(false);
  const begin = useMutation({
    mutationFn: (wish: VerificationWish) => answer(api.POST("/api/audit/verification", { body: wish })),
    onSettled: () => queries.invalidateQueries({ queryKey: verificationQuery.queryKey }),
  });
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    if (isRunning || begin.isPending) return;
    begin.mutate({
      heads: notesIn(heads),
      ...(since ? { since: Number(since) } : {}),
      skipAttachments: skipsFiles,
    });
  };
  return (
    <Section title={t("verify.begin")}>
      <form onSubmit={submitted} className="flex flex-col gap-4">
        <p className="text-muted">{t("verify.what")}</p>
        <Button
          type="submit"
          id="verify-begin"
          look="primary"
          icon={ShieldCheck}
          aria-disabled={isRunning || begin.isPending}
        >
          {t(isRunning ? "verify.running" : "verify.go")}
        </Button>
        {begin.error && (
          <p role="alert" className="text-danger">
            {say(begin.error)}
          </p>
        )}
        <details>
          <summary className="font-medium">{t("verify.options")}</summary>
          <div className="mt-3 flex flex-col gap-4">
            <TextField
              label={t("verify.since")}
              hint={t("verify.sinceHint")}
              type="number"
              inputMode="numeric"
              min={0}
              value={since}
              onChange={(event) => setSince(event.target.value)}
            />
            <TextArea
              label={t("verify.heads")}
              hint={t("verify.headsHint")}
              dir="ltr"
              rows={4}
              className="font-mono text-xs"
              value={heads}
              onChange={(event) => setHeads(event.target.value)}
            />
            <label className="flex items-start gap-2">
              <input
                type="checkbox"
                className="mt-1"
                checked={skipsFiles}
                onChange={(event) => setSkipsFiles(event.target.checked)}
              />
              {t("verify.skipFiles")}
            </label>
          </div>
        </details>
        <p className="text-xs text-muted">{t("verify.recorded")}</p>
      </form>
    </Section>
  );
}

/** The notes in a text of one or several: each ends with its signature's line. */
export function notesIn(text: string): string[] {
  const notes: string[] = [];
  let lines: string[] = [];
  for (const line of text.replaceAll("\r", "").split("\n")) {
    if (line.trim() === "" && lines.length === 0) continue;
    const isSignature = line.startsWith("— ");
    const wasSignature = lines.at(-1)?.startsWith("— ") ?? false;
    if (wasSignature && !isSignature) {
      notes.push(`${lines.join("\n")}\n`);
      lines = line.trim() === "" ? [] : [line];
      continue;
    }
    lines.push(line);
  }
  if (lines.length > 0) notes.push(`${lines.join("\n")}\n`);
  return notes;
}
