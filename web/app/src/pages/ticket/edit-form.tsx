import { type SubmitEvent, useEffect, useRef } from "react";
import { useText } from "@/i18n/text";
import { useMe } from "@/session/session";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { useProblemText } from "@/ui/states";
import { Moment } from "@/ui/time";
import type { Edit } from "./use-edit";
import { useShown } from "./view";
import { useLastChange } from "./who-changed";

/** The title and the description, edited where they stand. */
export function EditForm({ edit }: { edit: Edit }) {
  const t = useText("ticket");
  const common = useText("common");
  const problemText = useProblemText();
  const { known } = useShown();
  const { form, refused, set, save, cancel } = edit;
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    box.current?.querySelector("input")?.focus();
  }, []);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save();
  };
  const errors = refused?.fields;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of all its fields
    <form
      ref={box}
      onSubmit={submit}
      aria-label={t("edit.label")}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.current?.requestSubmit();
        if (event.key === "Escape" && !edit.isDirty) cancel();
      }}
      className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-4 shadow-card"
    >
      {refused && !(errors && errors.size > 0) && (
        <p role="alert" className="text-danger font-medium">
          {problemText(refused)}
        </p>
      )}
      <div className="flex flex-col gap-2">
        <TextField
          label={common("field.title")}
          value={form.title}
          minLength={5}
          maxLength={200}
          required
          error={errors?.get("title")}
          onChange={({ target }) => set({ title: target.value })}
        />
        {known.title !== form.baseTitle && known.title !== form.title && (
          <Meanwhile
            field="title"
            text={known.title}
            take={() => set({ title: known.title, baseTitle: known.title })}
          />
        )}
      </div>
      <div className="flex flex-col gap-2">
        <TextArea
          label={common("field.description")}
          value={form.description}
          rows={8}
          minLength={10}
          required
          hint={t("markdown")}
          error={errors?.get("description")}
          onChange={({ target }) => set({ description: target.value })}
        />
        {known.description !== form.baseDescription && known.description !== form.description && (
          <Meanwhile
            field="description"
            text={known.description}
            take={() => set({ description: known.description, baseDescription: known.description })}
          />
        )}
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={cancel}>{common("cancel")}</Button>
        <Button look="primary" type="submit">
          {common("save")}
        </Button>
      </div>
    </form>
  );
}

/** Somebody has changed what is being edited: what is typed stays, and theirs can be taken. */
function Meanwhile({
  field,
  text,
  take,
}: {
  field: "title" | "description";
  text: string;
  take: () => void;
}) {
  const t = useText("ticket");
  const me = useMe();
  const { known } = useShown();
  const last = useLastChange(known.id, field, known.version);
  return (
    <div role="status" className="flex flex-col gap-2 rounded-lg border border-warning bg-warning-soft p-3">
      <p className="font-medium">
        {last ? t("meanwhile.by", { name: last.id === me.id ? t("yourself") : last.name }) : t("meanwhile")}{" "}
        {last && <Moment at={last.at} isRelative />}
      </p>
      <p dir="auto" className="max-h-32 overflow-auto whitespace-pre-wrap">
        {text}
      </p>
      <div>
        <Button onClick={take}>{t("meanwhile.take")}</Button>
      </div>
    </div>
  );
}
