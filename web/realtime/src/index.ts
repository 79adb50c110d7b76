// Informejo's live protocol in the browser. See README.md.
export { type BackoffBounds, backoffMs } from "./backoff.js";
export { type Lost, RealtimeClient, type RealtimeOptions } from "./client.js";
export { browser, type Environment, type EnvironmentChange } from "./environment.js";
export type { Gap } from "./positions.js";
export * from "./protocol.js";
export { type Shared, share } from "./shared.js";
export { type ConnectionState, describe, type Status } from "./status.js";
export { type PositionStorage, tabStorage } from "./storage.js";
export { pageUrlSources, socketUrl, type UrlSources } from "./url.js";
