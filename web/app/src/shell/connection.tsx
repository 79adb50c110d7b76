import { CloudOff, CloudUpload, RefreshCw, Wifi } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { text, useText } from "@/i18n/text";
import { useFormats } from "@/i18n/format";
import { announce } from "@/lib/announce";
import { useUnsent } from "@/lib/outbox-context";
import { useLive } from "@/live/live";
import { cx } from "@/ui/classes";
import { ConnectionDetails } from "./connection-details";
import { isCut, type Saying } from "./connection-state";
import { useSaying, useSayingText } from "./connection-use";
import { Popover } from "./popover";

/** How the connection is, in words; more about it when it is pressed. */
export function Connection() {
  const t = useText("connection");
  const say = useSayingText();
  const saying = useSaying();
  const unsent = useUnsent().length;
  const id = useId();
  useAnnouncements(saying, unsent);
  const isBad = isCut(saying);
  const Icon = isBad ? CloudOff : unsent > 0 ? CloudUpload : saying.is === "connected" ? Wifi : RefreshCw;
  const words = [isBad || saying.is !== "connected" || unsent === 0 ? say(saying) : null].filter(Boolean);
  if (unsent > 0) words.push(t("unsent", { n: unsent }));
  const shown = words.join(" · ");
  const isCalm = saying.is === "connected" && unsent === 0;
  return (
    <>
      <button
        type="button"
        id="connection"
        popoverTarget={id}
        data-connection={saying.is}
        aria-label={t("name", {
          state: unsent > 0 ? `${say(saying)} · ${t("unsent", { n: unsent })}` : say(saying),
        })}
        className={cx(
          "inline-flex min-h-9 items-center gap-1.5 rounded-lg px-2 text-xs font-medium",
          isBad
            ? "bg-danger-soft text-danger"
            : isCalm
              ? "text-muted hover:bg-hover"
              : "bg-warning-soft text-warning",
        )}
      >
        <Icon aria-hidden size={16} className="shrink-0" />
        <span className={cx("tabular text-start", isCalm && "hidden xl:inline")}>{shown}</span>
      </button>
      <Popover id={id} name={t("title")}>
        <ConnectionDetails saying={saying} />
      </Popover>
    </>
  );
}

/** A line under the header while what is shown may be old. */
export function ConnectionBanner() {
  const t = useText("connection");
  const format = useFormats();
  const saying = useSaying();
  const client = useLive();
  // A short interruption is the indicator's business alone.
  const isLong =
    saying.is === "offline" || saying.is === "offlineSince" || ("attempt" in saying && saying.attempt > 1);
  if (!isLong) return null;
  const at = saying.is === "offlineSince" ? saying.since : (client?.lastUpdated ?? null);
  return (
    <p data-banner className="bg-warning-soft px-4 py-1.5 text-center text-xs font-medium text-warning">
      {at === null ? t("bannerNever") : t("banner", { time: format.time(at) })}
    </p>
  );
}

/** Says what has changed, once: not every second of a countdown. */
function useAnnouncements(saying: Saying, unsent: number): void {
  const isBad = isCut(saying);
  const isGood = saying.is === "connected";
  const [wasLost, setLost] = useState(false);
  useEffect(() => {
    if (isBad && !wasLost) {
      setLost(true);
      void text("connection", "said.lost").then(announce);
    } else if (isGood && wasLost) {
      setLost(false);
      void text("connection", "said.back").then(announce);
    }
  }, [isBad, isGood, wasLost]);
  // What is sent at once needs no words.
  const waited = useRef(false);
  useEffect(() => {
    if (unsent > 0 && isBad) waited.current = true;
    if (unsent === 0 && waited.current) {
      waited.current = false;
      void text("connection", "said.allSent").then(announce);
    }
  }, [unsent, isBad]);
}
