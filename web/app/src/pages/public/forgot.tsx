import { useState } from "react";
import { Link } from "wouter";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { TextField } from "@/ui/field";
import { Form, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { Done } from "./mailed";

/** `/forgot-password`: asks for a link to a new one. */
export default function ForgotPassword() {
  const t = useText("public");
  const checks = useChecks();
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm({
    check: () => ({ email: checks.email(email) }),
    send: () => body(api.POST("/api/auth/password/forgot", { body: { email: email.trim() } })),
    done: () => setSentTo(email.trim()),
  });
  return (
    <Page width="slim" title={t("forgot.title")} lead={sentTo === null ? t("forgot.lead") : undefined}>
      {sentTo === null ? (
        <Card className="p-5">
          <Form form={form} label={t("forgot.title")}>
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
            <Button type="submit" look="primary" disabled={form.isBusy}>
              {t("forgot.submit")}
            </Button>
          </Form>
        </Card>
      ) : (
        <Done title={t("forgot.sent")}>
          <p className="text-muted">{t("forgot.sentText", { email: sentTo })}</p>
        </Done>
      )}
      <Link href="/login" className="text-link self-start underline">
        {t("login.submit")}
      </Link>
    </Page>
  );
}
