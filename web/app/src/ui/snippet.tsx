import type { SnippetSegment } from "@/api/search";

/** A text with what was looked for marked in it. */
export function Snippet({ segments }: { segments: readonly SnippetSegment[] }) {
  return (
    <bdi>
      {segments.map(({ text, hit }, place) =>
        hit ? (
          // Segments have no names but their places.
          <mark key={place} className="rounded-sm bg-warning-soft font-semibold text-ink">
            {text}
          </mark>
        ) : (
          <span key={place}>{text}</span>
        ),
      )}
    </bdi>
  );
}
