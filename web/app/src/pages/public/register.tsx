import { useState } from "react";
import { Link, Redirect } from "wouter";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { draftKey, useDraftForm } from "@/lib/drafts";
import { homeOf, useSession } from "@/session/session";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { TextField } from "@/ui/field";
import { Form, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { Done } from "./mailed";
import { NewPasswordFields } from "./new-password";

const UNTOUCHED = { name: "", email: "", department: "" };

/** `/register`: asks for an account, which begins with the link that is mailed. */
export default function Register() {
  const t = useText("public");
  const { me } = useSession();
  const checks = useChecks();
  // A password is no draft: it is kept nowhere.
  const [secret, setSecret] = useState({ password: "", again: "" });
  const [draft, set, clear] = useDraftForm(draftKey(undefined, "register"), UNTOUCHED);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm({
    check: () => ({
      name: checks.length(draft.name, 2, 200),
      email: checks.email(draft.email),
      password: checks.password(secret.password),
      again: secret.again === secret.password ? null : t("password.differs"),
    }),
    send: () =>
      body(
        api.POST("/api/auth/register", {
          body: {
            name: draft.name.trim(),
            email: draft.email.trim(),
            department: draft.department.trim() || null,
            password: secret.password,
          },
        }),
      ),
    done: () => {
      setSentTo(draft.email.trim());
      clear();
    },
  });

  if (me) return <Redirect to={homeOf(me)} replace />;
  if (sentTo !== null) {
    return (
      <Page width="slim" title={t("register.title")}>
        <Done title={t("register.sent")}>
          <p className="text-muted">{t("register.sentText", { email: sentTo })}</p>
        </Done>
      </Page>
    );
  }
  return (
    <Page width="slim" title={t("register.title")} lead={t("register.lead")}>
      <Card className="p-5">
        <Form form={form} label={t("register.title")}>
          <TextField
            label={t("name")}
            name="name"
            required
            autoComplete="name"
            dir="auto"
            value={draft.name}
            error={form.problems["name"]}
            onChange={({ target }) => set({ name: target.value })}
          />
          <TextField
            label={t("email")}
            name="email"
            type="email"
            required
            autoComplete="email"
            dir="ltr"
            value={draft.email}
            error={form.problems["email"]}
            onChange={({ target }) => set({ email: target.value })}
          />
          <TextField
            label={t("department")}
            name="department"
            autoComplete="organization"
            dir="auto"
            value={draft.department}
            error={form.problems["department"]}
            onChange={({ target }) => set({ department: target.value })}
          />
          <NewPasswordFields
            value={secret}
            set={setSecret}
            form={form}
            label={t("password")}
            field="password"
          />
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {form.isBusy ? t("register.busy") : t("register.submit")}
          </Button>
        </Form>
      </Card>
      <p className="text-muted">
        {t("register.haveAccount")}{" "}
        <Link href="/login" className="text-link underline">
          {t("login.submit")}
        </Link>
      </p>
    </Page>
  );
}
