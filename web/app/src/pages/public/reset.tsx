import { useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { api, body } from "@/api/client";
import { sessionQuery } from "@/api/queries";
import { useText } from "@/i18n/text";
import { useLinkToken } from "@/lib/link-token";
import { Button, ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Form, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { Done, NoLink } from "./mailed";
import { NewPasswordFields } from "./new-password";

const EMPTY = { password: "", again: "" };

/** `/reset-password`: sets a new password, where the mail leads. */
export default function ResetPassword() {
  const t = useText("public");
  const queries = useQueryClient();
  const [token, forget] = useLinkToken();
  const checks = useChecks();
  const [secret, setSecret] = useState(EMPTY);
  const [isDone, setDone] = useState(false);
  const form = useForm({
    check: () => ({
      newPassword: checks.password(secret.password),
      again: secret.again === secret.password ? null : t("password.differs"),
    }),
    send: () =>
      body(
        api.POST("/api/auth/password/reset", { body: { token: token ?? "", newPassword: secret.password } }),
      ),
    done: () => {
      setDone(true);
      setSecret(EMPTY);
      forget();
      // It ends all sessions of the account, and so this browser's if it was one of them: the server is asked anew.
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
    explain: ({ status }) => (status === 401 ? t("link.invalid") : null),
  });
  // Another link may come into the page that has done its work.
  if (isDone && token === null) {
    return (
      <Page width="slim" title={t("reset.title")}>
        <Done icon={KeyRound} title={t("reset.done")}>
          <p className="text-muted">{t("reset.doneText")}</p>
          <ButtonLink href="/login" look="primary">
            {t("login.submit")}
          </ButtonLink>
        </Done>
      </Page>
    );
  }
  if (token === null) {
    return (
      <NoLink title={t("reset.title")}>
        <ButtonLink href="/forgot-password">{t("forgot.again")}</ButtonLink>
      </NoLink>
    );
  }
  return (
    <Page width="slim" title={t("reset.title")} lead={t("reset.lead")}>
      <Card className="flex flex-col items-start gap-4 p-5">
        <Form form={form} label={t("reset.title")} className="w-full">
          <NewPasswordFields
            value={secret}
            set={setSecret}
            form={form}
            label={t("reset.password")}
            field="newPassword"
          />
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {t("reset.submit")}
          </Button>
        </Form>
        {form.error?.status === 401 && <ButtonLink href="/forgot-password">{t("forgot.again")}</ButtonLink>}
      </Card>
    </Page>
  );
}
