import { type FieldName, FIELDS, namesOf, type Values } from "./fields";

/** What becomes of a change that was decided on a version that is no longer the present one. */
export interface Merged {
  /** What can be sent again: nobody else has touched it. */
  send: Values;
  /** What somebody else has changed meanwhile, to something else. */
  conflicts: FieldName[];
  /** Other fields that have changed meanwhile. */
  others: FieldName[];
}

/** Three ways, field by field: what the change was decided on, what it says, and how the ticket is now. */
export function merge(base: Values, mine: Values, theirs: Values): Merged {
  const merged: Merged = { send: {}, conflicts: [], others: [] };
  for (const name of namesOf(mine)) {
    if (mine[name] === theirs[name]) continue;
    if (base[name] === theirs[name]) merged.send[name] = mine[name] ?? null;
    else merged.conflicts.push(name);
  }
  merged.others = FIELDS.filter(
    (name) => mine[name] === undefined && base[name] !== undefined && base[name] !== theirs[name],
  );
  return merged;
}
