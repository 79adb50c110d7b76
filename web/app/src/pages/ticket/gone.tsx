import { Ghost, Lock, Trash2 } from "lucide-react";
import { useText } from "@/i18n/text";
import { draftKey, useDraft } from "@/lib/drafts";
import { useMe } from "@/session/session";
import { ButtonLink } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { Page } from "@/ui/page";
import { EmptyState } from "@/ui/states";
import { listPath, type View } from "./view";

/** Why there is no ticket to be shown. */
export type Why = "missing" | "forbidden" | "deleted";

const ICONS = { missing: Ghost, forbidden: Lock, deleted: Trash2 };

/** There is no ticket here, or no longer; what somebody had typed for it is still theirs. */
export function Gone({
  why,
  id,
  view,
  title,
}: {
  why: Why;
  id: string;
  view: View;
  title: string | undefined;
}) {
  const t = useText("ticket");
  const me = useMe();
  const [reply] = useDraft(draftKey(me.id, "ticket", id, "reply"));
  const [note] = useDraft(draftKey(me.id, "ticket", id, "note"));
  const typed = [reply, note].filter(Boolean).join("\n\n");
  return (
    <Page title={t(`gone.${why}`)} width="narrow">
      <EmptyState icon={ICONS[why]} title={title ?? t(`gone.${why}Help`)}>
        {title && <p>{t(`gone.${why}Help`)}</p>}
        <ButtonLink href={listPath(view)} look="primary">
          {t(view === "agent" ? "allTickets" : "myTickets")}
        </ButtonLink>
      </EmptyState>
      {typed && <TextArea label={t("gone.typed")} value={typed} rows={6} readOnly />}
    </Page>
  );
}
