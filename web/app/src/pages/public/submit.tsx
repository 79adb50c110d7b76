import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { idempotencyKey } from "@/api/client";
import type { Submitted } from "@/api/schema";
import { useText } from "@/i18n/text";
import { draftKey, useDraftForm } from "@/lib/drafts";
import { useFiles } from "@/lib/files";
import { type Progress, progressOfEach, upload } from "@/lib/upload";
import { useSession } from "@/session/session";
import { CATEGORIES, PRIORITIES } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { FilePicker } from "@/ui/files";
import { Form, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";

/** What is kept until the ticket has arrived. */
const UNTOUCHED = {
  name: "",
  email: "",
  title: "",
  category: "OTHER",
  priority: "MEDIUM",
  description: "",
  /** Under which it is sent, once it has been tried: however often that happens, it is one ticket. */
  key: "",
  /** The names of the files that were chosen: the files themselves cannot be kept. */
  files: "",
};

const FIELDS = ["name", "email", "title", "category", "priority", "description"] as const;

/** `/submit-ticket`: asks for help without an account. */
export default function SubmitTicket() {
  const t = useText("public");
  const common = useText("common");
  const checks = useChecks();
  const { me, uploads } = useSession();
  const [, go] = useLocation();
  const [draft, set, clear, isKept] = useDraftForm(draftKey(undefined, "submit"), UNTOUCHED);
  const limits = {
    bytes: uploads?.fileBytes ?? null,
    ...(uploads && { count: uploads.submissionFiles, totalBytes: uploads.submissionBytes }),
  };
  const { files, refused, add, remove, removeAll } = useFiles(limits);
  const [progress, setProgress] = useState<Progress | null>(null);
  const key = useRef(draft.key);
  const [isClearing, setClearing] = useState(false);
  const isStarted = FIELDS.some((field) => draft[field] !== UNTOUCHED[field]);

  const send = async (): Promise<Submitted> => {
    key.current ||= idempotencyKey();
    // Kept before it is sent: whoever loads the page again and tries again sends the same ticket.
    set({ key: key.current });
    const body = new FormData();
    for (const field of FIELDS) body.append(field, draft[field].trim());
    for (const { file } of files) body.append("files", file, file.name);
    setProgress({ sent: 0, total: 1 });
    try {
      return await upload<Submitted>("/api/tickets/anonymous", body, {
        key: key.current,
        onProgress: setProgress,
        signal: new AbortController().signal,
      });
    } finally {
      setProgress(null);
    }
  };

  const form = useForm({
    check: () => ({
      name: checks.length(draft.name, 2, 200),
      email: checks.email(draft.email),
      title: checks.length(draft.title, 5, 200),
      description: checks.length(draft.description, 10, 65_536),
    }),
    send,
    done: ({ ticketId }) => {
      clear();
      go(`/submit-ticket/success?ticket=${ticketId}`);
    },
    explain(error) {
      if (error.isAway) return t("submit.away");
      if (isReused(error.problem?.error)) return t("submit.arrived");
      return error.status === 413 ? t("submit.tooMuch") : null;
    },
  });

  const isUnsent = files.length > 0 || form.isBusy;
  useEffect(() => {
    if (!isUnsent) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isUnsent]);

  const names = files.map(({ file }) => file.name).join(", ");
  useEffect(() => {
    if (names !== "") set({ files: names });
  }, [names, set]);

  const each =
    progress &&
    progressOfEach(
      files.map(({ file }) => file.size),
      progress,
    );
  const isLost = draft.files !== "" && files.length === 0;
  const isAway = form.error?.isAway ?? false;

  return (
    <Page width="narrow" title={t("submit.title")} lead={t("submit.lead")}>
      {me && ["USER", "ADMIN"].includes(me.role) && (
        <p className="rounded-lg bg-info-soft px-3 py-2 text-info">
          {t("submit.signedIn", { name: me.name })}{" "}
          <Link href="/tickets/new" className="underline">
            {t("submit.inAccount")}
          </Link>
        </p>
      )}
      <Card className="p-5">
        <Form form={form} label={t("submit.title")}>
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label={t("submit.name")}
              name="name"
              required
              autoComplete="name"
              dir="auto"
              value={draft.name}
              error={form.problems["name"]}
              onChange={({ target }) => set({ name: target.value })}
            />
            <TextField
              label={t("email")}
              hint={t("submit.emailHint")}
              name="email"
              type="email"
              required
              autoComplete="email"
              dir="ltr"
              value={draft.email}
              error={form.problems["email"]}
              onChange={({ target }) => set({ email: target.value })}
            />
          </div>
          <TextField
            label={t("submit.issue")}
            name="title"
            required
            autoComplete="off"
            dir="auto"
            value={draft.title}
            error={form.problems["title"]}
            onChange={({ target }) => set({ title: target.value })}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <SelectField
              label={common("field.category")}
              name="category"
              required
              value={draft.category}
              error={form.problems["category"]}
              onChange={({ target }) => set({ category: target.value })}
              options={CATEGORIES.map((one) => [one, common(`category.${one}`)] as const)}
            />
            <SelectField
              label={common("field.priority")}
              name="priority"
              value={draft.priority}
              error={form.problems["priority"]}
              onChange={({ target }) => set({ priority: target.value })}
              options={PRIORITIES.toReversed().map((one) => [one, common(`priority.${one}`)] as const)}
            />
          </div>
          <TextArea
            label={common("field.description")}
            hint={t("submit.descriptionHint")}
            name="description"
            required
            rows={8}
            value={draft.description}
            error={form.problems["description"]}
            onChange={({ target }) => set({ description: target.value })}
          />
          <FilePicker
            label={t("submit.files")}
            limits={limits}
            files={files.map((one, place) => ({ ...one, progress: each?.[place] ?? null }))}
            refused={refused}
            isDisabled={form.isBusy}
            add={add}
            remove={(id) => {
              remove(id);
              if (files.length === 1) set({ files: "" });
            }}
          />
          {isLost && (
            <p className="rounded-lg bg-warning-soft px-3 py-2 text-warning">
              {t("submit.filesLost", { names: draft.files })}
            </p>
          )}
          <div className="flex flex-wrap items-center gap-2">
            <Button type="submit" look="primary" disabled={form.isBusy}>
              {form.isBusy ? t("submit.busy") : isAway ? common("retry") : t("submit.submit")}
            </Button>
            {isReused(form.error?.problem?.error) && (
              <Button
                onClick={() => {
                  key.current = "";
                  void form.submit();
                }}
              >
                {t("submit.asAnother")}
              </Button>
            )}
            <ButtonLink href="/" look="quiet">
              {common("cancel")}
            </ButtonLink>
            {isStarted && !form.isBusy && (
              <Button look="quiet" className="ms-auto" onClick={() => setClearing(true)}>
                {t("submit.clear")}
              </Button>
            )}
          </div>
          {isStarted && (
            <p className="text-muted text-xs">{isKept ? t("submit.kept") : t("submit.notKept")}</p>
          )}
        </Form>
      </Card>
      <Confirm
        title={t("submit.clear")}
        action={t("submit.clear")}
        isOpen={isClearing}
        onClose={() => setClearing(false)}
        run={async () => {
          clear();
          removeAll();
          key.current = "";
        }}
      >
        {t("submit.clearText")}
      </Confirm>
      <p className="text-muted">
        {t("register.haveAccount")}{" "}
        <Link href="/login" className="text-link underline">
          {t("submit.signIn")}
        </Link>
      </p>
    </Page>
  );
}

/** An earlier attempt has arrived, and what is sent now is something else. */
function isReused(error: string | undefined): boolean {
  return error === "Idempotency key reused";
}
