import { useFormats } from "@/i18n/format";
import { useNow } from "@/lib/now";

/** A moment, as a date and time; or how long ago it was, with the moment on hover. */
export function Moment({ at, isRelative = false }: { at: string; isRelative?: boolean }) {
  const format = useFormats();
  const told = useNow();
  const moment = Date.parse(at);
  // The time is told twice a minute only: what has happened since is now, and not yet to come.
  const now = moment > told && moment - told < 60_000 ? moment : told;
  return (
    <time dateTime={at} title={isRelative ? format.dateTime(at) : undefined}>
      {isRelative ? format.relative(at, now) : format.dateTime(at)}
    </time>
  );
}
