import { useQuery } from "@tanstack/react-query";
import { Building2 } from "lucide-react";
import { useState } from "react";
import { Link, Redirect, useSearchParams } from "wouter";
import { api, body } from "@/api/client";
import type { ProviderShown } from "@/api/schema";
import { useText } from "@/i18n/text";
import { pathHere } from "@/lib/here";
import { homeOf, useSession } from "@/session/session";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { TextField } from "@/ui/field";
import { Form, FormMessage, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { PasswordField } from "@/ui/password";

const ERRORS = [
  "denied",
  "expired",
  "provider",
  "unavailable",
  "no_email",
  "email_not_verified",
  "inactive",
] as const;

/** `/login`: by password, or through an identity provider. */
export default function Login() {
  const t = useText("public");
  const { me, begin } = useSession();
  const [search] = useSearchParams();
  const next = pathHere(search.get("next"));
  const refused = ERRORS.find((error) => error === search.get("error"));
  const { data: providers = [] } = useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => body(api.GET("/api/auth/providers", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const checks = useChecks();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const form = useForm({
    check: () => ({ email: checks.given(email), password: password === "" ? checks.given("") : null }),
    send: () => body(api.POST("/api/auth/login", { body: { email: email.trim(), password } })),
    done: ({ user }) => begin(user),
    explain: ({ status }) => (status === 401 ? t("login.wrong") : null),
  });

  if (me) return <Redirect to={next ?? homeOf(me)} replace />;
  return (
    <Page width="slim" title={t("login.title")} lead={next ? t("login.leadNext") : t("login.lead")}>
      <Card className="flex flex-col gap-4 p-5">
        {refused && <FormMessage>{t(`login.error.${refused}`)}</FormMessage>}
        <Form form={form} label={t("login.title")}>
          <TextField
            label={t("email")}
            name="email"
            type="email"
            required
            autoComplete="username"
            dir="ltr"
            value={email}
            error={form.problems["email"]}
            onChange={({ target }) => setEmail(target.value)}
          />
          <PasswordField
            label={t("password")}
            name="password"
            required
            autoComplete="current-password"
            value={password}
            error={form.problems["password"]}
            onChange={({ target }) => setPassword(target.value)}
          />
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {form.isBusy ? t("login.busy") : t("login.submit")}
          </Button>
        </Form>
        <Link href="/forgot-password" className="text-link self-start underline">
          {t("login.forgot")}
        </Link>
        {providers.length > 0 && <Providers providers={providers} next={next} />}
      </Card>
      <p className="text-muted">
        {t("home.noAccount")}{" "}
        <Link href="/register" className="text-link underline">
          {t("register.create")}
        </Link>
        {" · "}
        <Link href="/submit-ticket" className="text-link underline">
          {t("login.withoutAccount")}
        </Link>
      </p>
    </Page>
  );
}

/** The organisations whose accounts are accepted. These are links: the browser leaves, and comes back signed in. */
function Providers({ providers, next }: { providers: readonly ProviderShown[]; next: string | null }) {
  const t = useText("public");
  // Where somebody begins depends on who it is: this page knows when they come back.
  const query = new URLSearchParams({ returnTo: next ?? "/login" });
  return (
    <div className="flex flex-col gap-3">
      <p className="flex items-center gap-3 text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {t("login.or")}
      </p>
      {providers.map(({ name, label, startUrl }) => (
        <a
          key={name}
          href={`${startUrl}?${query.toString()}`}
          className="inline-flex min-h-9 items-center justify-center gap-2 rounded-lg border border-line-strong px-3.5 font-medium hover:bg-hover"
        >
          <Building2 aria-hidden size={16} />
          {t("login.through", { name: label })}
        </a>
      ))}
    </div>
  );
}
