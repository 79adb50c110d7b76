import { useState } from "react";
import { useLocation } from "wouter";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { useLinkToken } from "@/lib/link-token";
import { homeOf, useSession } from "@/session/session";
import { Button, ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Form, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { PasswordField } from "@/ui/password";
import { toast } from "@/ui/toast";
import { NoLink } from "./mailed";

/** `/link-account`: lets an identity provider's user into the account that has had their address before. */
export default function LinkAccount() {
  const t = useText("public");
  const { me, begin } = useSession();
  const [, go] = useLocation();
  const [token, forget] = useLinkToken();
  const [password, setPassword] = useState("");
  const form = useForm({
    send: () => body(api.POST("/api/auth/identity/link", { body: { token: token ?? "", password } })),
    done: ({ user }) => {
      begin(user);
      go(homeOf(user), { replace: true });
      forget();
      toast(t("linkAccount.done"), { tone: "success" });
    },
    explain: ({ status, fields }) =>
      status === 401
        ? t("linkAccount.signIn")
        : status === 422 && fields.size === 0
          ? t("linkAccount.wrong")
          : null,
  });
  if (token === null) return <NoLink title={t("linkAccount.title")} />;
  return (
    <Page width="slim" title={t("linkAccount.title")} lead={t("linkAccount.lead")}>
      <Card className="flex flex-col items-start gap-4 p-5">
        <Form form={form} label={t("linkAccount.title")} className="w-full">
          <PasswordField
            label={t("password")}
            hint={t("linkAccount.hint")}
            name="password"
            autoComplete="current-password"
            value={password}
            error={form.problems["password"]}
            onChange={({ target }) => setPassword(target.value)}
          />
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {t("linkAccount.submit")}
          </Button>
        </Form>
        {me === null && <ButtonLink href="/login">{t("login.submit")}</ButtonLink>}
      </Card>
    </Page>
  );
}
