// The way back to the list that somebody came from, with its filters, and as it was left if it is the page before.

const LISTS = new Set(["/tickets", "/admin/tickets"]);

let list: string | null = null;
let isBefore = false;
let wasList = false;
let isReplacing = false;

/** Another page is shown. Called by the shell. */
export function visited(path: string, search: string): void {
  const isList = LISTS.has(path);
  if (isList) list = path + (search ? `?${search}` : "");
  // A ticket that takes another's place in the history has the same page before it.
  else if (!isReplacing) isBefore = wasList;
  isReplacing = false;
  wasList = isList;
}

/** The next page takes the place of this one in the history. */
export function replacing(): void {
  isReplacing = true;
}

/** The list that was looked at last, if it is of this kind. */
export function lastList(path: string): string {
  return list?.split("?")[0] === path ? list : path;
}

/** Goes back to the list, if it is the page before. */
export function goBackToList(path: string): boolean {
  if (!isBefore || list?.split("?")[0] !== path) return false;
  window.history.back();
  return true;
}
