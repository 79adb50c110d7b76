import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo } from "react";
import { api, body } from "@/api/client";
import { sessionQuery } from "@/api/queries";
import { ProblemError } from "@/api/problem";
import type { Me, UploadLimits } from "@/api/schema";
import { load, onChange, save } from "@/lib/storage";

/** What an account is for. */
export type Role = "GUEST" | "USER" | "ADMIN" | "AUDITOR" | "OPERATOR";

export interface Session {
  /** Who is signed in; null if nobody is; undefined until that is known. */
  me: Me | null | undefined;
  /** How large files may be, once that is known. */
  uploads: UploadLimits | undefined;
  /** Why it is not known. */
  error: ProblemError | null;
  /** Somebody has just signed in, or changed their own account. */
  begin: (me: Me) => void;
  /** Signs out. What was read is forgotten; what was typed is kept. */
  end: () => Promise<void>;
  /** The server no longer knows the session. */
  ended: () => void;
}

const Context = createContext<Session | null>(null);

/** Under which this browser keeps who is signed in. */
const ACCOUNT = "account";
const isId = (value: unknown): value is string => typeof value === "string";

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { data, error } = useQuery(sessionQuery);
  const me = data ? (data.user ?? null) : undefined;
  const uploads = data?.uploads;

  const become = useCallback(
    (next: Me | null) => {
      if (queries.getQueryData(sessionQuery.queryKey)?.user?.id !== next?.id) {
        // Nothing of what one person read may be shown to the next.
        queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      }
      queries.setQueryData(sessionQuery.queryKey, (known) => known && { ...known, user: next });
    },
    [queries],
  );

  const ended = useCallback(() => become(null), [become]);
  const end = useCallback(async () => {
    const { logoutUrl } = await body(api.POST("/api/auth/logout"));
    become(null);
    // Who came by an identity provider is signed out there as well.
    if (logoutUrl) window.location.assign(logoutUrl);
  }, [become]);

  // The cookie is one for all tabs. Where another tab has signed in somebody else, nothing of the former may be sent as theirs.
  useEffect(() => {
    if (me !== undefined) save(ACCOUNT, me?.id ?? null);
  }, [me]);
  useEffect(
    () =>
      onChange(ACCOUNT, () => {
        const present = load(ACCOUNT, isId);
        const own = queries.getQueryData(sessionQuery.queryKey)?.user?.id ?? null;
        if (present === own) return;
        ended();
        if (present !== null) window.location.reload();
      }),
    [queries, ended],
  );

  // A session that ends in one tab has ended in all of them, and the next request of any says so.
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const { error } = query.state;
        if (
          error instanceof ProblemError &&
          error.status === 401 &&
          query.queryKey[0] !== sessionQuery.queryKey[0]
        ) {
          ended();
        }
      }),
    [queries, ended],
  );

  const failed = error === null ? null : ProblemError.of(error);
  const session = useMemo<Session>(
    () => ({ me, uploads, error: failed, begin: become, end, ended }),
    [me, uploads, failed, become, end, ended],
  );
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("outside of SessionProvider");
  return session;
}

/** Who is signed in, on a page that nobody else gets to. */
export function useMe(): Me & { role: Role } {
  const { me } = useSession();
  if (!me) throw new Error("nobody is signed in");
  return me as Me & { role: Role };
}

/** Whether the account works on everybody's tickets. */
export const isAgent = (me: { role: string } | null | undefined): boolean => me?.role === "ADMIN";

/** Where somebody begins. */
export function homeOf(me: { role: string }): string {
  switch (me.role) {
    case "ADMIN":
      return "/admin/dashboard";
    case "AUDITOR":
      return "/audit";
    case "OPERATOR":
      return "/ops";
    default:
      return "/dashboard";
  }
}

/** Where a ticket is looked at. */
export function ticketPath(me: { role: string }, id: string): string {
  switch (me.role) {
    case "ADMIN":
      return `/admin/tickets/${id}`;
    case "AUDITOR":
      return `/audit/tickets/${id}`;
    case "GUEST":
      return `/tickets/view/${id}`;
    default:
      return `/tickets/${id}`;
  }
}
