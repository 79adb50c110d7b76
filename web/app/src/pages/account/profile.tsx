import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { draftKey, useDraftForm } from "@/lib/drafts";
import { useMe, useSession } from "@/session/session";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { TextField } from "@/ui/field";
import { Form, useChecks, useForm } from "@/ui/form";
import { toast } from "@/ui/toast";

/** Name and department. Auditors and operators have theirs from whoever made the account, and guests from their ticket. */
export function Profile() {
  const t = useText("account");
  const common = useText("common");
  const { begin } = useSession();
  const me = useMe();
  const checks = useChecks();
  const mayChange = me.role === "USER" || me.role === "ADMIN";
  const [draft, set, clear] = useDraftForm(draftKey(me.id, "profile"), {
    name: me.name,
    department: me.department ?? "",
  });
  const isChanged = draft.name !== me.name || draft.department !== (me.department ?? "");
  const form = useForm({
    check: () => ({ name: checks.length(draft.name, 2, 200) }),
    send: () =>
      body(
        api.PATCH("/api/auth/me", {
          body: { name: draft.name.trim(), department: draft.department.trim() || null },
        }),
      ),
    done: (changed) => {
      begin(changed);
      set({ name: changed.name, department: changed.department ?? "" });
      clear();
      toast(t("saved"), { tone: "success" });
    },
  });
  if (!mayChange) {
    return (
      <Section title={t("profile")}>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          <dt className="text-muted">{t("name")}</dt>
          <dd>
            <bdi>{me.name}</bdi>
          </dd>
          <dt className="text-muted">{t("department")}</dt>
          <dd>{me.department ? <bdi>{me.department}</bdi> : "–"}</dd>
        </dl>
      </Section>
    );
  }
  return (
    <Section title={t("profile")}>
      <Form form={form} label={t("profile")}>
        <div className="grid gap-4 sm:grid-cols-2">
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
            label={t("department")}
            name="department"
            autoComplete="organization"
            dir="auto"
            value={draft.department}
            error={form.problems["department"]}
            onChange={({ target }) => set({ department: target.value })}
          />
        </div>
        <Button type="submit" look="primary" disabled={form.isBusy || !isChanged} className="self-start">
          {form.isBusy ? common("saving") : common("save")}
        </Button>
      </Form>
    </Section>
  );
}
