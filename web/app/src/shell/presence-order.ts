import type { PresentPerson } from "informejo-realtime";

/** Everybody who is not offline, once each: agents first, who is online before who is away, by name. */
export function sorted(people: readonly PresentPerson[]): PresentPerson[] {
  const rank = ({ role, state }: PresentPerson) => (role === "ADMIN" ? 0 : 2) + (state === "online" ? 0 : 1);
  return people
    .filter(({ state }) => state !== "offline")
    .toSorted((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** Those who are there after some of them have changed. */
export function afterChange(
  people: readonly PresentPerson[],
  changed: readonly PresentPerson[],
): PresentPerson[] {
  const ids = new Set(changed.map(({ id }) => id));
  return sorted([...people.filter(({ id }) => !ids.has(id)), ...changed]);
}
