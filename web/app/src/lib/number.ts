/**
 * What people call a ticket by: the last eight characters of its id. The first eight, which the original showed, are the same
 * for all tickets of a minute here, since ids begin with the time.
 */
export function ticketNumber(id: string): string {
  return id.slice(-8);
}
