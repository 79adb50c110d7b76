import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { agentsQuery } from "@/api/queries";
import { useText } from "@/i18n/text";
import { useOutbox } from "@/lib/outbox-context";
import { isAgent, useMe } from "@/session/session";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Moment } from "@/ui/time";
import type { FieldName } from "./logic/fields";
import { valuesOf } from "./logic/fields";
import { useFieldNames, useValueNames } from "./names";
import { basisOf, useChange } from "./use-change";
import type { Conflict } from "./use-returned";
import { useShown } from "./view";
import { useLastChange } from "./who-changed";

const isText = (field: FieldName): boolean => field === "title" || field === "description";

/** Theirs or mine: both as they are, and who has changed it when. Closing it decides nothing. */
export default function ConflictDialog({
  conflict: { key, field, mine },
  isOpen,
  onClose,
  edit,
}: {
  conflict: Conflict;
  isOpen: boolean;
  onClose: () => void;
  edit: (text: string) => void;
}) {
  const t = useText("ticket");
  const fields = useFieldNames();
  const me = useMe();
  const outbox = useOutbox();
  const { known } = useShown();
  const change = useChange(known.id);
  const { data: agents = [] } = useQuery({ ...agentsQuery, enabled: isAgent(me) });
  const people = [...agents, me, ...(known.assignedTo ? [known.assignedTo] : [])];
  const valueName = useValueNames((id) => people.find((one) => one.id === id)?.name ?? null);
  const last = useLastChange(known.id, field, known.version);
  const theirs = valuesOf(known, [field])[field] ?? null;

  const decide = (act: () => void) => {
    if (outbox?.takeBack(key)) act();
    onClose();
  };
  const keepMine = () => decide(() => change({ [field]: mine }, basisOf(known)));
  const takeTheirs = () => decide(() => {});

  return (
    <Dialog
      title={t("conflict.title", { field: fields(field) })}
      isOpen={isOpen}
      onClose={onClose}
      className="w-[min(44rem,calc(100vw-2rem))]"
    >
      <p className="text-muted">{t("conflict.help")}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Side
          title={t("conflict.theirs")}
          note={
            last && (
              <>
                {t("conflict.by", { name: last.id === me.id ? t("yourself") : last.name })}{" "}
                <Moment at={last.at} isRelative />
              </>
            )
          }
          text={valueName(field, theirs)}
        />
        <Side title={t("conflict.mine")} note={t("conflict.unsaved")} text={valueName(field, mine)} />
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        {isText(field) && (
          <Button onClick={() => decide(() => edit(mine ?? ""))}>{t("conflict.edit")}</Button>
        )}
        <Button onClick={takeTheirs}>{t("conflict.takeTheirs")}</Button>
        <Button look="primary" onClick={keepMine}>
          {t("conflict.keepMine")}
        </Button>
      </div>
    </Dialog>
  );
}

function Side({ title, note, text }: { title: string; note: ReactNode; text: string }) {
  return (
    <section
      aria-label={title}
      className="flex min-w-0 flex-col gap-1 rounded-lg border border-line bg-sunken p-3"
    >
      <h3 className="font-semibold">{title}</h3>
      <p className="text-muted min-h-4 text-xs">{note}</p>
      <p
        dir="auto"
        // Long texts scroll, and can be scrolled by the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={text.length > 400 ? 0 : undefined}
        className="max-h-64 overflow-auto whitespace-pre-wrap"
      >
        {text}
      </p>
    </section>
  );
}
