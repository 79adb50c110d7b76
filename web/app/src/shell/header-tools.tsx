/** What the header has beside the account: search, the connection, notifications. */
export function HeaderTools() {
  return null;
}
