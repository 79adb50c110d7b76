import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { ProblemError } from "@/api/problem";
import { sessionQuery } from "@/api/queries";
import type { Ticket } from "@/api/schema";
import { useText } from "@/i18n/text";
import { draftKey, useDraftForm } from "@/lib/drafts";
import { useFiles } from "@/lib/files";
import { useAway, useOutbox, useRefusals } from "@/lib/outbox-context";
import { sendFiles } from "@/lib/ticket-uploads";
import { ticketPath, useMe } from "@/session/session";
import { CATEGORIES, PRIORITIES } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { FilePicker } from "@/ui/files";
import { Page } from "@/ui/page";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";

const PATH = "/api/tickets";
const EMPTY = { title: "", category: "OTHER", priority: "MEDIUM", description: "" };
type Form = typeof EMPTY;

const TITLE_MIN = 5;
const TITLE_MAX = 200;
const DESCRIPTION_MIN = 10;

const length = (text: string): number => [...text.trim()].length;

/** A new ticket of one's own. What is typed is a draft until the server has it. */
export default function NewTicket() {
  const t = useText("tickets");
  const common = useText("common");
  const problem = useProblemText();
  const me = useMe();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const outbox = useOutbox();
  const isAway = useAway();
  const [form, set, clear] = useDraftForm(draftKey(me.id, "new-ticket"), EMPTY);
  const { data: session } = useQuery(sessionQuery);
  const limits = { bytes: session?.uploads.fileBytes ?? null };
  const chosen = useFiles(limits);
  const [sending, setSending] = useState<Form | null>(null);
  const [error, setError] = useState<ProblemError | null>(null);
  const [isChecked, setChecked] = useState(false);
  useRefused(form, set, setError);

  const shown = sending ?? form;
  const fields = error?.fields;
  const titleError =
    isChecked && length(form.title) < TITLE_MIN && !sending ? t("titleShort") : fields?.get("title");
  const descriptionError =
    isChecked && length(form.description) < DESCRIPTION_MIN && !sending
      ? t("descriptionShort")
      : fields?.get("description");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!outbox || sending) return;
    setChecked(true);
    setError(null);
    if (length(form.title) < TITLE_MIN || length(form.description) < DESCRIPTION_MIN) {
      const name = length(form.title) < TITLE_MIN ? "title" : "description";
      (event.currentTarget as HTMLFormElement).querySelector<HTMLElement>(`[name=${name}]`)?.focus();
      return;
    }
    // From here on it is the outbox that keeps it, also if this page is loaded anew.
    setSending(form);
    const answered = outbox.send<Ticket>({
      method: "POST",
      path: PATH,
      body: form,
      ifMatch: null,
      ticket: null,
      memo: "new-ticket",
    });
    clear();
    try {
      const { id } = await answered;
      if (chosen.files.length > 0) {
        sendFiles(
          queries,
          me.id,
          id,
          chosen.files.map(({ file }) => file),
        );
      }
      go(ticketPath(me, id));
      toast(t("created"), { tone: "success" });
    } catch (refused) {
      setSending(null);
      setError(ProblemError.of(refused));
    }
  };

  return (
    <Page title={t("newTicket")} width="narrow">
      <Card className="p-4 sm:p-6">
        <form className="flex flex-col gap-4" noValidate onSubmit={(event) => void submit(event)}>
          <TextField
            label={common("field.title")}
            hint={t("titleHint")}
            name="title"
            required
            maxLength={TITLE_MAX}
            dir="auto"
            disabled={sending !== null}
            value={shown.title}
            error={titleError}
            onChange={({ target }) => set({ title: target.value })}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <SelectField
              label={common("field.category")}
              name="category"
              disabled={sending !== null}
              value={shown.category}
              options={CATEGORIES.map((one) => [one, common(`category.${one}`)] as const)}
              onChange={({ target }) => set({ category: target.value })}
            />
            <SelectField
              label={common("field.priority")}
              name="priority"
              disabled={sending !== null}
              value={shown.priority}
              options={PRIORITIES.toReversed().map((one) => [one, common(`priority.${one}`)] as const)}
              onChange={({ target }) => set({ priority: target.value })}
            />
          </div>
          <TextArea
            label={common("field.description")}
            hint={t("descriptionHint")}
            name="description"
            required
            rows={8}
            disabled={sending !== null}
            value={shown.description}
            error={descriptionError}
            onChange={({ target }) => set({ description: target.value })}
          />
          <FilePicker
            label={t("attachments")}
            limits={limits}
            files={chosen.files}
            refused={chosen.refused}
            isDisabled={sending !== null}
            add={chosen.add}
            remove={chosen.remove}
          />
          {error && error.fields.size === 0 && (
            <p role="alert" className="text-danger font-medium">
              {problem(error)}
            </p>
          )}
          {sending && isAway && (
            <p role="status" className="text-warning font-medium">
              {t("waitingForServer")}
            </p>
          )}
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className="text-muted me-auto text-xs">{t("draftKept")}</p>
            <ButtonLink href="/tickets">{common("cancel")}</ButtonLink>
            <Button type="submit" look="primary" disabled={sending !== null}>
              {t(sending ? "submitting" : "submit")}
            </Button>
          </div>
        </form>
      </Card>
    </Page>
  );
}

/** A ticket that the server has refused comes back into the form, unless something else is there already. */
function useRefused(form: Form, set: (form: Form) => void, tell: (error: ProblemError) => void): void {
  const outbox = useOutbox();
  const refused = useRefusals().find(({ command }) => command.memo === "new-ticket");
  const isFree = form.title === "" && form.description === "";
  useEffect(() => {
    if (!outbox || !refused || !isFree || !outbox.takeBack(refused.command.key)) return;
    set(refused.command.body as Form);
    tell(new ProblemError(refused.status, refused.problem));
  }, [outbox, refused, isFree, set, tell]);
}
