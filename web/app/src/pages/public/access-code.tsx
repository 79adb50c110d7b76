import { useState } from "react";
import { useLocation } from "wouter";
import { api, body } from "@/api/client";
import type { GuestSession } from "@/api/schema";
import { useText } from "@/i18n/text";
import { useSession } from "@/session/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Form, useChecks, useForm } from "@/ui/form";
import { Link } from "wouter";

/** Begins the session of a guest, and leads to the ticket that the mail was about, or to `ticket`. */
export function useGuestEntrance(ticket: string | null = null): (session: GuestSession) => void {
  const { begin } = useSession();
  const [, go] = useLocation();
  return ({ user, ticketId }) => {
    const opened = ticket ?? ticketId;
    begin(user);
    go(opened ? `/tickets/view/${opened}` : "/tickets", { replace: true });
  };
}

/** Opens a guest's tickets by the code that was mailed. Capitals, dashes and spaces do not matter. */
export function AccessCodeForm({
  button,
  ticket = null,
  entered,
}: {
  button: string;
  ticket?: string | null;
  entered?: () => void;
}) {
  const t = useText("public");
  const checks = useChecks();
  const enter = useGuestEntrance(ticket);
  const [code, setCode] = useState("");
  const form = useForm({
    check: () => ({ code: checks.given(code) }),
    send: () => body(api.POST("/api/guest/session", { body: { code: code.trim() } })),
    done: (session) => {
      enter(session);
      entered?.();
    },
    explain: ({ status }) => (status === 401 ? t("code.wrong") : null),
  });
  return (
    <Form form={form}>
      <TextField
        label={t("code.label")}
        hint={t("code.hint")}
        error={form.problems["code"]}
        name="code"
        value={code}
        onChange={({ target }) => setCode(target.value)}
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        dir="ltr"
        placeholder="XXXX-XXXX-XXXX-XXXX"
        className="font-mono uppercase placeholder:normal-case"
      />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" look="secondary" disabled={form.isBusy}>
          {form.isBusy ? t("code.checking") : button}
        </Button>
        {form.error?.status === 401 && ticket === null && (
          <Link href="/tickets/view" className="text-link underline">
            {t("link.askAgain")}
          </Link>
        )}
      </div>
    </Form>
  );
}
