import { useText } from "@/i18n/text";
import type { FormModel } from "@/ui/form";
import { PasswordField } from "@/ui/password";

/** A new password, and once more. */
export interface NewPassword {
  password: string;
  again: string;
}

/** The two fields of a new password; `field` is what the server calls it, `label` what people do. */
export function NewPasswordFields({
  value,
  set,
  form,
  label,
  field,
}: {
  value: NewPassword;
  set: (value: NewPassword) => void;
  form: FormModel;
  label: string;
  field: string;
}) {
  const t = useText("public");
  return (
    <>
      <PasswordField
        label={label}
        hint={t("password.hint")}
        name={field}
        required
        autoComplete="new-password"
        value={value.password}
        error={form.problems[field]}
        onChange={({ target }) => set({ ...value, password: target.value })}
      />
      <PasswordField
        label={t("password.again")}
        name="again"
        required
        autoComplete="new-password"
        value={value.again}
        error={form.problems["again"]}
        onChange={({ target }) => set({ ...value, again: target.value })}
      />
    </>
  );
}
