import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useText } from "@/i18n/text";
import { IconButton } from "./button";
import { Field } from "./field";

/** A password, which can be looked at while it is typed. */
export function PasswordField({
  label,
  hint,
  error,
  ...rest
}: ComponentProps<"input"> & { label: string; hint?: string; error?: string | null | undefined }) {
  const t = useText("form");
  const [isShown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} error={error ?? undefined} isRequired={rest.required}>
      {(wiring) => (
        <span className="relative">
          <input
            {...rest}
            {...wiring}
            type={isShown ? "text" : "password"}
            dir="ltr"
            spellCheck={false}
            autoCapitalize="none"
            className="control pe-10"
          />
          <IconButton
            label={isShown ? t("hidePassword") : t("showPassword")}
            icon={isShown ? EyeOff : Eye}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
            className="absolute end-0 top-0"
          />
        </span>
      )}
    </Field>
  );
}
