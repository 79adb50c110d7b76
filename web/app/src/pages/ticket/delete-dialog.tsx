import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { KEYS } from "@/api/queries";
import { useText } from "@/i18n/text";
import { useAway, useOutbox } from "@/lib/outbox-context";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";
import { listPath, useShown } from "./view";

/** Says what is lost with the ticket, and deletes it. */
export default function DeleteDialog({ onClose }: { onClose: () => void }) {
  const t = useText("ticket");
  const common = useText("common");
  const problemText = useProblemText();
  const outbox = useOutbox();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const { known, view } = useShown();
  const isAway = useAway();
  const [isSending, setSending] = useState(false);
  const { id } = known;

  const confirm = async () => {
    if (!outbox) return;
    setSending(true);
    try {
      const command = { method: "DELETE", path: `/api/tickets/${id}`, body: null } as const;
      await outbox.send({ ...command, ifMatch: null, ticket: id });
      toast(t("deleted"), { tone: "success", key: `deleted.${id}` });
      // The broadcast may have led away already.
      if (window.location.pathname.includes(id)) go(listPath(view), { replace: true });
      queries.removeQueries({ queryKey: [KEYS.ticket, id] });
    } catch (error) {
      setSending(false);
      toast(t("refused", { why: problemText(error) }), { tone: "danger" });
      onClose();
    }
  };

  return (
    <Dialog title={t("delete.title")} isOpen onClose={onClose}>
      <p dir="auto" className="font-medium">
        {known.title}
      </p>
      <p>
        {t("delete.what", {
          comments: t("comments", { n: known.comments?.length ?? 0 }),
          files: t("files", { n: known.attachments?.length ?? 0 }),
        })}
      </p>
      <p className="text-muted">{t("delete.kept")}</p>
      {isSending && isAway && <p role="status">{t("delete.away")}</p>}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{common("cancel")}</Button>
        <Button look="danger" disabled={isSending} onClick={() => void confirm()}>
          {isSending ? t("delete.sending") : t("delete.confirm")}
        </Button>
      </div>
    </Dialog>
  );
}
