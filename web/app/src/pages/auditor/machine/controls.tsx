import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight, Pause, Play } from "lucide-react";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { useShortcuts } from "@/lib/shortcuts";
import { Button, IconButton } from "@/ui/button";
import { SPEEDS } from "./film";
import type { Player } from "./use-player";

/** Play, pause, one event on or back, to the beginning and to now; also by keys. */
export function Controls({ player, count }: { player: Player; count: number }) {
  const t = useText("auditor");
  const format = useFormats();
  const { index, isPlaying, speed, seek, follow, play, pause, setSpeed } = player;
  const isRtl = document.documentElement.dir === "rtl";
  const toggle = isPlaying ? pause : play;
  const group = t("machine.film");
  const back = { label: t("machine.previous"), group, run: () => seek(index - 1) };
  const on = { label: t("machine.next"), group, run: () => seek(index + 1) };
  useShortcuts([
    { keys: " ", label: t("machine.playOrPause"), group, run: toggle },
    { keys: "ArrowLeft", ...(isRtl ? on : back) },
    { keys: "ArrowRight", ...(isRtl ? back : on) },
    { keys: "Home", label: t("machine.first"), group, run: () => seek(0) },
    { keys: "End", label: t("machine.last"), group, run: follow },
  ]);
  return (
    <div className="flex flex-wrap items-center gap-1">
      <Button
        id="film-play"
        look="primary"
        icon={isPlaying ? Pause : Play}
        onClick={toggle}
        disabled={count < 2}
      >
        {t(isPlaying ? "machine.pause" : "machine.play")}
      </Button>
      <div className="flex">
        <IconButton
          label={t("machine.first")}
          icon={ChevronFirst}
          className="rtl:-scale-x-100"
          disabled={index === 0}
          onClick={() => seek(0)}
        />
        <IconButton
          label={t("machine.previous")}
          icon={ChevronLeft}
          className="rtl:-scale-x-100"
          disabled={index === 0}
          onClick={back.run}
        />
        <IconButton
          label={t("machine.next")}
          icon={ChevronRight}
          className="rtl:-scale-x-100"
          disabled={index >= count - 1}
          onClick={on.run}
        />
        <IconButton
          label={t("machine.last")}
          icon={ChevronLast}
          className="rtl:-scale-x-100"
          onClick={follow}
        />
      </div>
      <label className="ms-auto flex items-center gap-2 text-muted">
        <span>{t("machine.speed")}</span>
        <select
          className="control w-auto"
          value={speed}
          onChange={(event) => setSpeed(Number(event.target.value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {format.number(one, 1)}×
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
