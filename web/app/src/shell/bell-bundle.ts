import { type Kind, KINDS, type Note } from "./bell-notes";

/** A toast about one note, or about several of a kind. */
export interface Bundle {
  kind: Kind;
  /** How many there are. */
  n: number;
  /** The one that it is about; null if it is about several tickets, or several things. */
  note: Note | null;
}

/** What is told together of what came together: one toast for each kind. `before` is what such toasts on the screen tell of. */
export function bundled(notes: readonly Note[], before: (kind: Kind) => readonly Note[]): Bundle[] {
  const bundles: Bundle[] = [];
  for (const kind of KINDS) {
    const fresh = notes.filter((note) => note.kind === kind);
    if (fresh.length === 0) continue;
    const told = [...before(kind), ...fresh];
    bundles.push({ kind, n: told.length, note: told.length === 1 ? told[0]! : null });
  }
  return bundles;
}

/** Where a toast about several leads. */
export function placeOf(kind: Kind): string {
  switch (kind) {
    case "created":
      return "/admin/tickets";
    case "assigned":
      return "/admin/tickets?assignee=me";
    default:
      return "/notifications";
  }
}
