import type { TypingChanged } from "informejo-realtime";

/** Somebody who types at present. */
export interface Typist {
  /** An account's id; null for "IT Support", which is all that a requester is told. */
  id: string | null;
  name: string | null;
  isInternal: boolean;
  /** Until when that holds, unless it is said again, in milliseconds since 1970. */
  until: number;
}

/** The server says it again every two seconds or so. */
export const TYPING_MS = 5_000;

/** Who types, after somebody has begun or ended. */
export function heard(typists: readonly Typist[], said: TypingChanged, now: number): readonly Typist[] {
  const id = said.person?.id ?? null;
  const others = typists.filter((one) => one.until > now && one.id !== id);
  if (!said.typing) return others.length === typists.length ? typists : others;
  const name = said.person?.name ?? null;
  return [...others, { id, name, isInternal: said.internal, until: now + TYPING_MS }];
}

/** Those whose time is not over. The same list if nothing has changed. */
export function still(typists: readonly Typist[], now: number): readonly Typist[] {
  return typists.every(({ until }) => until > now) ? typists : typists.filter(({ until }) => until > now);
}
