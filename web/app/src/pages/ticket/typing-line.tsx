import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { useTypists } from "./use-typing";
import { useShown } from "./view";

/** "Ada is typing…": a line that is always there, so that nothing moves. */
export function TypingLine() {
  const t = useText("ticket");
  const format = useFormats();
  const { known } = useShown();
  const typists = useTypists(known.id);
  const names = format.list(typists.map(({ name }) => name ?? t("itSupport")));
  const isInternal = typists.length > 0 && typists.every((one) => one.isInternal);
  return (
    <p className="text-muted flex min-h-5 items-center gap-2 text-xs" data-typing>
      {typists.length > 0 && (
        <>
          <span aria-hidden className="typing-dots">
            <span />
            <span />
            <span />
          </span>
          {t(isInternal ? "typingInternal" : "typing", { n: typists.length, names })}
        </>
      )}
    </p>
  );
}
