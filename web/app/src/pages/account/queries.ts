import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";

/** Where one is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ["account", "sessions"],
  queryFn: ({ signal }) => body(api.GET("/api/auth/sessions", { signal })),
});

/** The tokens for programs that one has made. */
export const tokensQuery = queryOptions({
  queryKey: ["account", "tokens"],
  queryFn: ({ signal }) => body(api.GET("/api/auth/tokens", { signal })),
});
