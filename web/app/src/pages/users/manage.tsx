import { KeyRound, UserCheck, UserX } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { api, body } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { UserRow } from "@/api/schema";
import { useText } from "@/i18n/text";
import { draftKey, useDraftForm } from "@/lib/drafts";
import { type Role, useMe } from "@/session/session";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";
import { changeUser, type UserChange } from "./queries";
import { ROLES } from "./roles";

/** What is about to be done, once it is confirmed. */
type Step =
  | { is: "form" }
  | { is: "role"; change: UserChange; role: Role }
  | { is: "deactivate" }
  | { is: "activate" }
  | { is: "endAccess" };

/** One account: its fields, its role, whether it can be used, and everything by which its owner is recognised. */
export function Manage({
  user,
  onClose,
  onDone,
}: {
  user: UserRow;
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useText("users");
  const common = useText("common");
  const problem = useProblemText();
  const me = useMe();
  // What the form began with: what others change meanwhile is not taken back by saving it.
  const [initial] = useState({ name: user.name, department: user.department ?? "", role: user.role });
  const [form, set, clear] = useDraftForm(draftKey(me.id, "user", user.id), initial);
  const [step, setStep] = useState<Step>({ is: "form" });
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ProblemError | null>(null);
  const who = { name: user.name };

  const close = () => {
    clear();
    onClose();
  };
  const run = async (work: () => Promise<string>) => {
    setBusy(true);
    setFailure(null);
    try {
      const done = await work();
      onDone();
      toast(done, { tone: "success" });
      close();
    } catch (error) {
      setFailure(ProblemError.of(error));
      setStep({ is: "form" });
    } finally {
      setBusy(false);
    }
  };
  const change = (what: UserChange, done: string) =>
    run(async () => {
      await changeUser(user.id, what);
      return done;
    });
  const save = (event: FormEvent) => {
    event.preventDefault();
    const what: UserChange = {};
    if (form.name.trim() !== initial.name) what.name = form.name.trim();
    const department = form.department.trim();
    if (department !== initial.department) what.department = department || null;
    if (form.role !== initial.role) what.role = form.role;
    if (Object.keys(what).length === 0) return close();
    if (what.role) return setStep({ is: "role", change: what, role: what.role as Role });
    return void change(what, t("saved", who));
  };
  const endAccess = () =>
    run(async () => {
      const { sessions } = await body(
        api.POST("/api/admin/users/{id}/end-access", { params: { path: { id: user.id } } }),
      );
      return t("accessEnded", { ...who, n: sessions });
    });

  if (step.is !== "form") {
    const role = step.is === "role" ? step.role : "USER";
    const texts = {
      role: [
        t("confirm.role", { ...who, role: common(`role.${role}`) }),
        t(`means.${role}`),
        t("changeRole"),
      ] as const,
      deactivate: [t("confirm.deactivate", who), t("means.deactivate"), t("deactivate")] as const,
      activate: [t("confirm.activate", who), t("means.activate"), t("activate")] as const,
      endAccess: [t("confirm.endAccess", who), t("means.endAccess"), t("endAccess")] as const,
    }[step.is];
    const confirm = () => {
      switch (step.is) {
        case "role":
          return change(step.change, t("saved", who));
        case "deactivate":
          return change({ isActive: false }, t("deactivated", who));
        case "activate":
          return change({ isActive: true }, t("activated", who));
        case "endAccess":
          return endAccess();
      }
    };
    return (
      <Dialog title={texts[0]} isOpen onClose={() => setStep({ is: "form" })}>
        <Confirm
          help={texts[1]}
          action={texts[2]}
          look={step.is === "role" || step.is === "activate" ? "primary" : "danger"}
          isBusy={isBusy}
          cancel={() => setStep({ is: "form" })}
          confirm={() => void confirm()}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title={t("manageWhom", who)} isOpen onClose={close}>
      <form onSubmit={save} className="flex flex-col gap-4">
        <p className="text-muted">
          <bdi>{user.email}</bdi>
        </p>
        {failure && (
          <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 font-medium text-danger">
            {problem(failure)}
          </p>
        )}
        <TextField
          label={t("name")}
          required
          minLength={2}
          maxLength={200}
          value={form.name}
          error={failure?.fields.get("name")}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label={t("department")}
          maxLength={200}
          value={form.department}
          error={failure?.fields.get("department")}
          onChange={(event) => set({ department: event.target.value })}
        />
        <SelectField
          label={t("role")}
          value={form.role}
          error={failure?.fields.get("role")}
          hint={t(`means.${form.role as Role}`)}
          onChange={(event) => set({ role: event.target.value })}
          options={ROLES.map((role) => [role, common(`role.${role}`)] as const)}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{common("cancel")}</Button>
          <Button type="submit" look="primary" disabled={isBusy}>
            {isBusy ? common("saving") : common("save")}
          </Button>
        </div>
      </form>
      <div className="flex flex-wrap gap-2 border-t border-line pt-4">
        {user.isActive ? (
          <Button icon={UserX} onClick={() => setStep({ is: "deactivate" })}>
            {t("deactivate")}
          </Button>
        ) : (
          <Button icon={UserCheck} onClick={() => setStep({ is: "activate" })}>
            {t("activate")}
          </Button>
        )}
        <Button icon={KeyRound} onClick={() => setStep({ is: "endAccess" })}>
          {t("endAccess")}
        </Button>
      </div>
    </Dialog>
  );
}

function Confirm({
  help,
  action,
  look,
  isBusy,
  cancel,
  confirm,
}: {
  help: string;
  action: string;
  look: "primary" | "danger";
  isBusy: boolean;
  cancel: () => void;
  confirm: () => void;
}) {
  const common = useText("common");
  useEffect(() => document.getElementById("confirm-cancel")?.focus(), []);
  return (
    <>
      <p>{help}</p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button id="confirm-cancel" onClick={cancel}>
          {common("cancel")}
        </Button>
        <Button look={look} disabled={isBusy} onClick={confirm}>
          {action}
        </Button>
      </div>
    </>
  );
}
