import { RealtimeClient, type RealtimeOptions } from "./client.js";
import { browser } from "./environment.js";

/** How long a client that nobody holds stays connected: one page of an application is gone before the next one is there. */
const LINGER_MS = 5_000;

interface Held {
  client: RealtimeClient;
  holders: number;
  stopLingering: (() => void) | null;
}

const clients = new Map<string, Held>();

/** A hold on a client that others share. */
export interface Shared {
  client: RealtimeClient;
  /** Lets it go. It is closed when nobody has held it for five seconds. */
  release(): void;
}

/**
 * The tab's client for the server at `options.url`, started. There is one, whichever parts of the application hold it, so
 * that its connection survives going from page to page. The options are those of whoever was first.
 */
export function share(options: RealtimeOptions): Shared {
  const world = options.environment ?? browser();
  const held = clients.get(options.url) ?? {
    client: new RealtimeClient(options).start(),
    holders: 0,
    stopLingering: null,
  };
  clients.set(options.url, held);
  held.holders += 1;
  held.stopLingering?.();
  held.stopLingering = null;
  let isHeld = true;
  return {
    client: held.client,
    release() {
      if (!isHeld) return;
      isHeld = false;
      held.holders -= 1;
      if (held.holders > 0) return;
      held.stopLingering = world.after(LINGER_MS, () => {
        clients.delete(options.url);
        held.client.close();
      });
    },
  };
}
