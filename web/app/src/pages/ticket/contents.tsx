import { CircleCheck, Pencil, Trash2 } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { isAgent, useMe } from "@/session/session";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Page } from "@/ui/page";
import { Moment } from "@/ui/time";
import { Written } from "@/ui/written";
import { Composer, type ComposerHandle } from "./composer";
import { Conflicts } from "./conflicts";
import { Conversation } from "./conversation";
import { EditForm } from "./edit-form";
import { Facts } from "./facts";
import { Files } from "./files";
import { History } from "./history";
import { Lead } from "./lead";
import { Management } from "./management";
import { Viewers } from "./viewers";
import { useEdit } from "./use-edit";
import { useReturned } from "./use-returned";
import { useWays, useWishToEdit } from "./use-ways";
import { useShown } from "./view";

const DeleteDialog = lazy(() => import("./delete-dialog"));

/** What stands on a ticket's page. */
export function Contents() {
  const t = useText("ticket");
  const common = useText("common");
  const me = useMe();
  const { ticket, known, pending, view, mayEdit } = useShown();
  const edit = useEdit(known);
  const conflicts = useReturned(known.id, edit.reopen);
  const composer = useRef<ComposerHandle>(null);
  const [isDeleting, setDeleting] = useState(false);
  const [isWriting, setWriting] = useState(false);
  const isWorking = view === "agent";
  const isDone = ticket.status === "RESOLVED" || ticket.status === "CLOSED";
  useWays();
  useWishToEdit(mayEdit ? edit.open : null);

  const group = t("shortcuts");
  useShortcuts([
    { keys: "r", label: t("key.reply"), group, run: () => composer.current?.focus("reply") },
    ...(isWorking
      ? [{ keys: "n", label: t("key.note"), group, run: () => composer.current?.focus("note") }]
      : []),
    ...(mayEdit ? [{ keys: "e", label: t("key.edit"), group, run: edit.open }] : []),
  ]);

  return (
    <Page
      title={ticket.title}
      lead={<Lead />}
      actions={
        <>
          {mayEdit && !edit.isOpen && (
            <Button id="edit-ticket" icon={Pencil} onClick={edit.open} aria-keyshortcuts="e">
              {t("edit")}
            </Button>
          )}
          {isWorking && (
            <Button icon={Trash2} look="quiet" className="text-danger" onClick={() => setDeleting(true)}>
              {t("delete")}
            </Button>
          )}
        </>
      }
    >
      <Conflicts conflicts={conflicts} edit={({ field }, text) => edit.reopen({ [field]: text }, null)} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-5">
          {isAgent(me) && <Viewers isEditing={edit.isDirty || isWriting} />}
          {isDone && <Done at={ticket.resolvedAt} status={ticket.status} />}
          {edit.isOpen ? (
            <EditForm edit={edit} />
          ) : (
            <Section title={common("field.description")}>
              {pending.has("description") && <p className="text-muted mb-2 text-xs">{common("saving")}</p>}
              <Written html={ticket.descriptionHtml} text={ticket.description} />
            </Section>
          )}
          <Files />
          <Conversation composer={composer} />
          <Composer handle={composer} onWriting={setWriting} />
        </div>
        <aside aria-label={t("aside")} className="flex min-w-0 flex-col gap-5 lg:sticky lg:top-20">
          {isWorking && <Management />}
          <Facts />
          {view !== "guest" && <History />}
        </aside>
      </div>
      {isWorking && isDeleting && (
        <Suspense>
          <DeleteDialog onClose={() => setDeleting(false)} />
        </Suspense>
      )}
    </Page>
  );
}

/** It is resolved or closed. */
function Done({ at, status }: { at: string | null | undefined; status: string }) {
  const t = useText("ticket");
  return (
    <div className="flex items-center gap-3 rounded-xl border border-success bg-success-soft px-4 py-3 text-success">
      <CircleCheck aria-hidden size={18} className="shrink-0" />
      <p className="font-medium">
        {t(status === "RESOLVED" ? "done.resolved" : "done.closed")} {at && <Moment at={at} isRelative />}
      </p>
    </div>
  );
}
