import { ArrowDown, MessagesSquare } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { ProblemError } from "@/api/problem";
import { useText } from "@/i18n/text";
import { useAway, useOutbox, useRefusals, useUnsent } from "@/lib/outbox-context";
import { useMe } from "@/session/session";
import { Button } from "@/ui/button";
import { EmptyState, useProblemText } from "@/ui/states";
import { CommentItem, UnsentComment } from "./comment";
import type { ComposerHandle } from "./composer";
import { pendingComments, refusedComments } from "./logic/overlay";
import { useArrivals, useChunks, useStill } from "./use-arrivals";
import { useShown } from "./view";

/** What a comment takes on the screen before it is rendered, in rem. */
const GUESS_REM = 6;
const NO_COMMENTS: readonly never[] = [];

/** Everything that was said, oldest first; then what is on its way, and what has come back. */
export function Conversation({ composer }: { composer: RefObject<ComposerHandle | null> }) {
  const t = useText("ticket");
  const me = useMe();
  const outbox = useOutbox();
  const isAway = useAway();
  const problemText = useProblemText();
  const { known } = useShown();
  const comments = known.comments ?? NO_COMMENTS;
  const unsent = useUnsent();
  const pending = pendingComments(known.id, comments, unsent, me.id);
  const refused = refusedComments(known.id, useRefusals());
  const fresh = useArrivals(comments, me.id);
  const shown = useChunks(comments.length);
  const target = useTarget(shown);
  const { end, isEndSeen } = useEnd();
  useStill(() => document.getElementById("composer"), comments.length + pending.length + refused.length);
  const firstFresh = isEndSeen ? undefined : comments.find(({ id }) => fresh.has(id));

  return (
    <section aria-labelledby="conversation" className="flex flex-col gap-3">
      <h2 id="conversation" className="font-semibold">
        {t("conversation", { n: comments.length })}
      </h2>
      {comments.length + pending.length + refused.length === 0 && (
        <EmptyState icon={MessagesSquare} title={t("noComments")}>
          <p>{t("noCommentsHelp")}</p>
        </EmptyState>
      )}
      <ol className="flex flex-col gap-3">
        {comments.slice(0, shown).map((comment) => (
          <CommentItem
            key={comment.id}
            comment={comment}
            isNew={fresh.has(comment.id)}
            isTarget={target === comment.id}
            isMine={comment.userId === me.id}
          />
        ))}
        {shown < comments.length && (
          <li aria-hidden style={{ height: `${(comments.length - shown) * GUESS_REM}rem` }} />
        )}
        {pending.map(({ key, content, isInternal }) => (
          <UnsentComment
            key={key}
            name={me.name}
            content={content}
            isInternal={isInternal}
            note={t(isAway ? "unsent" : "sending")}
          />
        ))}
        {refused.map(({ key, content, isInternal, status, problem }) => (
          <UnsentComment
            key={key}
            name={me.name}
            content={content}
            isInternal={isInternal}
            note={t("notSent", { why: problemText(new ProblemError(status, problem)) })}
            isRefused
          >
            <Button
              onClick={() => {
                if (outbox?.takeBack(key)) composer.current?.putBack(isInternal ? "note" : "reply", content);
              }}
            >
              {t("putBack")}
            </Button>
            <Button onClick={() => outbox?.takeBack(key)}>{t("throwAway")}</Button>
          </UnsentComment>
        ))}
      </ol>
      <div ref={end} />
      {firstFresh && (
        <div className="sticky bottom-4 z-10 flex justify-center">
          <Button
            look="primary"
            icon={ArrowDown}
            className="rounded-full shadow-float"
            onClick={() => {
              const first = document.getElementById(`comment-${firstFresh.id}`);
              first?.scrollIntoView({ block: "start" });
              first?.focus({ preventScroll: true });
            }}
          >
            {t("newComments", { n: fresh.size })}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Whether the end of the conversation is on the screen, or was passed. */
function useEnd() {
  const end = useRef<HTMLDivElement>(null);
  const [isEndSeen, setSeen] = useState(true);
  useEffect(() => {
    if (!end.current) return undefined;
    const observer = new IntersectionObserver(([entry]) => {
      setSeen(entry !== undefined && (entry.isIntersecting || entry.boundingClientRect.top < 0));
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  return { end, isEndSeen };
}

const targetOf = (hash: string): string | null =>
  hash.startsWith("#comment-") ? hash.slice("#comment-".length) : null;

/** The comment that the address names; gone to once it is there. */
function useTarget(shown: number): string | null {
  const [target, setTarget] = useState(() => targetOf(window.location.hash));
  const reached = useRef<string | null>(null);
  useEffect(() => {
    const look = () => {
      reached.current = null;
      setTarget(targetOf(window.location.hash));
    };
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  useEffect(() => {
    if (target === null || reached.current === target) return;
    const element = document.getElementById(`comment-${target}`);
    if (!element) return;
    reached.current = target;
    element.scrollIntoView({ block: "start" });
    element.focus({ preventScroll: true });
  }, [target, shown]);
  return target;
}
