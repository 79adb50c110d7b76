import { useQueryClient } from "@tanstack/react-query";
import { Lock, MessageSquare, Send } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { ProblemError } from "@/api/problem";
import { ticketQuery } from "@/api/queries";
import type { Comment } from "@/api/schema";
import { useText } from "@/i18n/text";
import { draftKey, useDraft } from "@/lib/drafts";
import { useAway, useOutbox, useRefusals, useUnsent } from "@/lib/outbox-context";
import { commented } from "@/live/cache";
import { useMe } from "@/session/session";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { TextArea } from "@/ui/field";
import { TicketFiles } from "@/ui/files";
import { useProblemText } from "@/ui/states";
import type { CommentMemo } from "./logic/fields";
import { refusedComments, twinsOf } from "./logic/overlay";
import { TypingLine } from "./typing-line";
import { useTypingSignal } from "./use-typing";
import { useShown } from "./view";

/** Whom a comment is for: everybody who sees the ticket, or agents and auditors only. */
export type Kind = "reply" | "note";

export interface ComposerHandle {
  focus: (kind: Kind) => void;
  /** Puts a text back that was not taken. */
  putBack: (kind: Kind, text: string) => void;
}

/** Where comments are written. What stands in it is a draft of its own for each ticket and kind. */
export function Composer({
  handle,
  onWriting,
}: {
  handle: Ref<ComposerHandle>;
  onWriting: (isWriting: boolean) => void;
}) {
  const t = useText("ticket");
  const me = useMe();
  const queries = useQueryClient();
  const outbox = useOutbox();
  const unsent = useUnsent();
  const refusals = useRefusals();
  const isAway = useAway();
  const problemText = useProblemText();
  const { known, view } = useShown();
  const { id } = known;
  const [kind, setKind] = useState<Kind>("reply");
  const [reply, setReply] = useDraft(draftKey(me.id, "ticket", id, "reply"));
  const [note, setNote] = useDraft(draftKey(me.id, "ticket", id, "note"));
  const [error, setError] = useState<string | null>(null);
  const isNote = kind === "note";
  const text = isNote ? note : reply;
  const setText = isNote ? setNote : setReply;
  const signal = useTypingSignal(id, isNote);
  const box = useRef<HTMLFormElement>(null);

  const focusField = () => {
    const field = box.current?.querySelector("textarea");
    field?.focus();
    field?.scrollIntoView({ block: "nearest" });
  };
  useImperativeHandle(handle, () => ({
    focus(next) {
      setKind(next);
      requestAnimationFrame(focusField);
    },
    putBack(next, given) {
      setKind(next);
      const [before, set] = next === "note" ? [note, setNote] : [reply, setReply];
      set(before === "" ? given : `${before}\n\n${given}`);
      requestAnimationFrame(focusField);
    },
  }));

  // What was refused comes back, if there is room for it; otherwise it waits in the conversation.
  useEffect(() => {
    for (const { key, content, isInternal, status, problem } of refusedComments(id, refusals)) {
      const [before, set] = isInternal ? [note, setNote] : [reply, setReply];
      if (before !== "" || !outbox?.takeBack(key)) continue;
      set(content);
      setKind(isInternal ? "note" : "reply");
      setError(problemText(new ProblemError(status, problem)));
    }
  }, [refusals, id, note, reply, setNote, setReply, outbox, problemText]);

  const send = () => {
    const content = text.trim();
    if (content === "" || !outbox) return focusField();
    const said = isNote ? { content, isInternal: true } : { content };
    const memo: CommentMemo = {
      kind: "comment",
      twins: twinsOf(said, id, known.comments ?? [], unsent, me.id),
    };
    const command = { method: "POST", path: `/api/tickets/${id}/comments`, body: said } as const;
    outbox
      .send<Comment>({ ...command, ifMatch: null, ticket: id, memo })
      .then((comment) =>
        queries.setQueryData(ticketQuery(id).queryKey, (whole) => whole && commented(whole, comment)),
      )
      .catch(() => {
        // It comes back by itself, or is kept: see above.
      });
    setText("");
    setError(null);
    signal.stop();
    onWriting(false);
    box.current?.querySelector("textarea")?.focus({ preventScroll: true });
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Out of the field, where shortcuts are heard.
    if (event.key === "Escape") event.currentTarget.blur();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const type = (next: string) => {
    setText(next);
    if (next.trim() === "") signal.stop();
    else signal.press();
    onWriting(next.trim() !== "");
  };

  return (
    <form
      ref={box}
      id="composer"
      aria-label={t(isNote ? "composer.note" : "composer.reply")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className={cx(
        "flex flex-col gap-3 rounded-xl border p-4 shadow-card",
        isNote ? "border-note bg-note-soft" : "border-line bg-surface",
      )}
    >
      {view === "agent" && (
        <div role="group" aria-label={t("composer.kind")} className="flex flex-wrap gap-1">
          <KindButton isChosen={!isNote} hasDraft={reply !== ""} choose={() => setKind("reply")}>
            <MessageSquare aria-hidden size={16} />
            {t("composer.reply")}
          </KindButton>
          <KindButton isChosen={isNote} hasDraft={note !== ""} choose={() => setKind("note")}>
            <Lock aria-hidden size={16} />
            {t("composer.note")}
          </KindButton>
        </div>
      )}
      {isNote && (
        <p className="flex items-center gap-2 font-medium text-note">
          <Lock aria-hidden size={16} className="shrink-0" />
          {t("composer.noteHelp")}
        </p>
      )}
      <TextArea
        label={t(isNote ? "composer.noteText" : "composer.replyText")}
        isLabelHidden
        placeholder={t(isNote ? "composer.noteText" : "composer.replyText")}
        value={text}
        rows={4}
        hint={t("composer.hint")}
        error={error ? t("composer.refused", { why: error }) : undefined}
        onKeyDown={press}
        onBlur={signal.stop}
        onChange={({ target }) => type(target.value)}
      />
      <TicketFiles ticket={id} label={t("addFiles")} isCompact />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <TypingLine />
        <div className="ms-auto flex flex-wrap items-center gap-3">
          {isAway && <p className="text-muted text-xs">{t("composer.away")}</p>}
          <Button
            type="submit"
            look="primary"
            icon={isNote ? Lock : Send}
            disabled={text.trim() === ""}
            aria-keyshortcuts="Control+Enter"
          >
            {t(isNote ? "composer.sendNote" : "composer.send")}
          </Button>
        </div>
      </div>
    </form>
  );
}

function KindButton({
  isChosen,
  hasDraft,
  choose,
  children,
}: {
  isChosen: boolean;
  hasDraft: boolean;
  choose: () => void;
  children: React.ReactNode;
}) {
  const t = useText("ticket");
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={choose}
      className={cx(
        "inline-flex min-h-9 items-center gap-2 rounded-lg border px-3 font-medium",
        isChosen ? "border-line-strong bg-raised text-ink" : "border-transparent text-muted hover:bg-hover",
      )}
    >
      {children}
      {hasDraft && !isChosen && <span className="text-xs font-normal">({t("composer.draft")})</span>}
    </button>
  );
}
