/** A path of this site that somebody may be sent on to; null for anything else, such as another site's page. */
export function pathHere(value: string | null): string | null {
  if (!value?.startsWith("/")) return null;
  // `//elsewhere.example` and `/\elsewhere.example` lead away, and so may what browsers pass over.
  const origin = "http://here.invalid";
  const url = URL.canParse(value, origin) ? new URL(value, origin) : null;
  if (url?.origin !== origin || /[\\\s]/.test(value)) return null;
  const path = url.pathname + url.search + url.hash;
  return path === "/login" || path.startsWith("/login?") || path.startsWith("//") ? null : path;
}
