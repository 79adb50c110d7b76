/** Where the server may be told to be. */
export interface UrlSources {
  /** The address of the Socket.IO server, if it is another than the page's. */
  socketUrl?: string | undefined;
  /** The address of the application. */
  appUrl?: string | undefined;
  /** The page's own origin. */
  origin?: string | undefined;
}

/** The address to connect to: the first one that is given and not empty, without a slash at the end. */
export function socketUrl({ socketUrl, appUrl, origin }: UrlSources): string {
  for (const url of [socketUrl, appUrl, origin]) {
    if (url) return url.replace(/\/+$/, "");
  }
  throw new Error("nothing says where the server is");
}

/**
 * What a page says about it, when it is shown and not when it was built:
 * `<meta name="informejo-socket-url" content="…">`, `<meta name="informejo-app-url" content="…">`, else its own origin.
 */
export function pageUrlSources(page: Document): UrlSources {
  const content = (name: string) =>
    page.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? undefined;
  return {
    socketUrl: content("informejo-socket-url"),
    appUrl: content("informejo-app-url"),
    origin: page.defaultView?.location.origin,
  };
}
