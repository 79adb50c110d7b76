import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Form, useChecks, useForm } from "@/ui/form";
import { PasswordField } from "@/ui/password";
import { toast } from "@/ui/toast";
import { sessionsQuery } from "./queries";

const EMPTY = { currentPassword: "", newPassword: "", again: "" };
const FIELDS = ["currentPassword", "newPassword", "again"] as const;

/** Another password, by who knows the present one. */
export function Password() {
  const t = useText("account");
  const common = useText("common");
  const queries = useQueryClient();
  const checks = useChecks();
  const [secret, setSecret] = useState(EMPTY);
  const { currentPassword, newPassword, again } = secret;
  const form = useForm({
    check: () => ({
      currentPassword: currentPassword === "" ? checks.given("") : null,
      newPassword: checks.password(newPassword),
      again: again === newPassword ? null : t("password.differs"),
    }),
    send: () => body(api.POST("/api/auth/password", { body: { currentPassword, newPassword } })),
    done: () => {
      setSecret(EMPTY);
      void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      toast(t("password.done"), { tone: "success" });
    },
  });
  return (
    <Section title={t("password")}>
      <Form form={form} label={t("password")}>
        {FIELDS.map((field) => (
          <PasswordField
            key={field}
            label={t(`password.${field}`)}
            {...(field === "newPassword" && { hint: t("password.hint") })}
            name={field}
            required
            autoComplete={field === "currentPassword" ? "current-password" : "new-password"}
            value={secret[field]}
            error={form.problems[field]}
            onChange={({ target }) => setSecret({ ...secret, [field]: target.value })}
          />
        ))}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {form.isBusy ? common("saving") : t("password.submit")}
          </Button>
          <Link href="/forgot-password" className="text-link underline">
            {t("password.forgot")}
          </Link>
        </div>
      </Form>
    </Section>
  );
}
