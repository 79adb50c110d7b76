import { useCallback, useEffect, useRef, useState } from "react";
import type { HistoryStep } from "@/api/schema";
import { momentOf } from "../moment";
import { useUrl } from "../url";
import { indexAt, shownMs } from "./film";

/** How long somebody must stay at an event until the URL names it: browsers bear only so many changes a second. */
const SETTLED_MS = 250;

export interface Player {
  /** Which event is shown, from 0. */
  index: number;
  /** It shows the newest event, also when there is a newer one. */
  isFollowing: boolean;
  isPlaying: boolean;
  speed: number;
  seek: (index: number) => void;
  /** To the newest event, and on to those that come. */
  follow: () => void;
  play: () => void;
  pause: () => void;
  setSpeed: (speed: number) => void;
}

/** Which event is shown: the one of `?at=`, the newest one without it; and how that goes on by itself. */
export function usePlayer(steps: readonly HistoryStep[], hasMore: boolean): Player {
  const [url, change] = useUrl();
  const asked = url.get("at");
  const [place, setPlace] = useState<number | null>(() => positionIn(asked));
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const told = useRef(asked);

  const index = place === null ? Math.max(0, steps.length - 1) : indexAt(steps, place);
  const known = useRef({ steps, index });
  useEffect(() => {
    known.current = { steps, index };
  });

  // Somebody followed a link, or went back.
  useEffect(() => {
    if (asked === told.current) return;
    told.current = asked;
    setPlace(positionIn(asked));
    setPlaying(false);
  }, [asked]);

  useEffect(() => {
    const next = place === null ? null : String(place);
    if (next === told.current || (place === null && positionIn(told.current) === null)) return undefined;
    const timer = setTimeout(() => {
      told.current = next;
      change({ at: next ?? undefined }, true);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [place, change]);

  const show = useCallback((index: number) => {
    const { steps } = known.current;
    const step = steps[Math.min(Math.max(index, 0), steps.length - 1)];
    if (step) setPlace(step.position);
  }, []);

  const isOver = index >= steps.length - 1;
  useEffect(() => {
    if (!isPlaying) return undefined;
    if (isOver) {
      // Where more is on its way, it goes on when that is there.
      if (!hasMore) setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => show(index + 1), shownMs(known.current.steps, index, speed));
    return () => clearTimeout(timer);
  }, [isPlaying, isOver, hasMore, index, speed, show]);

  const play = useCallback(() => {
    const { steps, index } = known.current;
    if (index >= steps.length - 1) show(0);
    else show(index);
    setPlaying(true);
  }, [show]);
  const pause = useCallback(() => setPlaying(false), []);
  const seek = useCallback(
    (index: number) => {
      setPlaying(false);
      show(index);
    },
    [show],
  );
  const follow = useCallback(() => {
    setPlaying(false);
    setPlace(null);
  }, []);

  return { index, isFollowing: place === null, isPlaying, speed, seek, follow, play, pause, setSpeed };
}

function positionIn(text: string | null): number | null {
  const moment = momentOf(text);
  return moment.kind === "position" ? moment.position : null;
}
