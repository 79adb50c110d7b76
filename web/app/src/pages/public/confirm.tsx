import { useState } from "react";
import { useLocation } from "wouter";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { useLinkToken } from "@/lib/link-token";
import { homeOf, useSession } from "@/session/session";
import { Button, ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Form, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { PasswordField } from "@/ui/password";
import { toast } from "@/ui/toast";
import { NoLink } from "./mailed";

/** `/register/confirm`: finishes a registration, where its mail leads. */
export default function ConfirmRegistration() {
  const t = useText("public");
  const { begin } = useSession();
  const [, go] = useLocation();
  const [token, forget] = useLinkToken();
  const checks = useChecks();
  const [password, setPassword] = useState("");
  const form = useForm({
    check: () => ({ password: password === "" ? checks.given("") : null }),
    send: () => body(api.POST("/api/auth/register/confirm", { body: { token: token ?? "", password } })),
    done: ({ user }) => {
      begin(user);
      go(homeOf(user), { replace: true });
      forget();
      toast(t("confirm.done"), { tone: "success" });
    },
    // A wrong password leaves the link good.
    explain: ({ status }) => (status === 401 ? t("confirm.wrong") : null),
  });
  if (token === null) {
    return (
      <NoLink title={t("confirm.title")}>
        <ButtonLink href="/register">{t("register.create")}</ButtonLink>
      </NoLink>
    );
  }
  return (
    <Page width="slim" title={t("confirm.title")} lead={t("confirm.lead")}>
      <Card className="p-5">
        <Form form={form} label={t("confirm.title")}>
          <PasswordField
            label={t("password")}
            hint={t("confirm.hint")}
            name="password"
            required
            autoComplete="current-password"
            value={password}
            error={form.problems["password"]}
            onChange={({ target }) => setPassword(target.value)}
          />
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {t("confirm.submit")}
          </Button>
        </Form>
      </Card>
    </Page>
  );
}
