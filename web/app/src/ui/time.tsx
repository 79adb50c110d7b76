import { useFormats } from "@/i18n/format";
import { useNow } from "@/lib/now";

/** A moment, as a date and time; or how long ago it was, with the moment on hover. */
export function Moment({ at, isRelative = false }: { at: string; isRelative?: boolean }) {
  const format = useFormats();
  const now = useNow();
  return (
    <time dateTime={at} title={isRelative ? format.dateTime(at) : undefined}>
      {isRelative ? format.relative(at, now) : format.dateTime(at)}
    </time>
  );
}
