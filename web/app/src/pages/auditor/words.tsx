import { useMemo } from "react";
import { useText } from "@/i18n/text";
import { compareTexts } from "./diff/words";

/** Both texts in one, with what is gone struck out and what is new underlined. */
export function WordDiff({ before, after }: { before: string; after: string }) {
  const t = useText("auditor");
  const pieces = useMemo(() => compareTexts(before, after), [before, after]);
  return (
    <span dir="auto" className="whitespace-pre-wrap">
      {pieces.map(({ kind, text }, place) => {
        // A piece is where it is in the text: nothing ever changes places.
        if (kind === "same") return <span key={place}>{text}</span>;
        const Tag = kind === "gone" ? "del" : "ins";
        return (
          <Tag
            key={place}
            className={
              kind === "gone"
                ? "rounded-sm bg-danger-soft text-danger line-through"
                : "rounded-sm bg-success-soft text-success underline decoration-2 underline-offset-2"
            }
          >
            <span className="sr-only"> {t(kind === "gone" ? "diff.gone" : "diff.new")} </span>
            {text}
          </Tag>
        );
      })}
    </span>
  );
}
