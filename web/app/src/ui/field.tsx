import { type ComponentProps, type ReactNode, useId } from "react";
import { useText } from "@/i18n/text";
import { cx } from "./classes";

interface Labelled {
  label: string;
  hint?: ReactNode;
  /** What is wrong with it; read out with the field. */
  error?: string | null | undefined;
  /** The label is for screen readers only. */
  isLabelHidden?: boolean;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** A label, a hint and an error around a control, tied to it. */
export function Field({
  label,
  hint,
  error,
  isLabelHidden,
  isRequired,
  children,
}: Labelled & { isRequired?: boolean | undefined; children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const t = useText("common");
  const described = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={isLabelHidden ? "sr-only" : "font-medium"}>
        {label}
        {isRequired && !isLabelHidden && (
          <span className="text-danger" title={t("required")}>
            {" "}
            <span aria-hidden>*</span>
          </span>
        )}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-muted text-xs">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-danger text-xs font-medium">
          {error}
        </p>
      )}
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  isLabelHidden,
  className,
  ...rest
}: ComponentProps<"input"> & Labelled) {
  return (
    <Field
      label={label}
      hint={hint}
      error={error}
      isLabelHidden={isLabelHidden ?? false}
      isRequired={rest.required}
    >
      {(wiring) => <input {...rest} {...wiring} className={cx("control", className)} />}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  error,
  isLabelHidden,
  className,
  ...rest
}: ComponentProps<"textarea"> & Labelled) {
  return (
    <Field
      label={label}
      hint={hint}
      error={error}
      isLabelHidden={isLabelHidden ?? false}
      isRequired={rest.required}
    >
      {(wiring) => (
        <textarea rows={5} dir="auto" {...rest} {...wiring} className={cx("control", className)} />
      )}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  error,
  isLabelHidden,
  className,
  options,
  ...rest
}: ComponentProps<"select"> & Labelled & { options: readonly (readonly [value: string, text: string])[] }) {
  return (
    <Field
      label={label}
      hint={hint}
      error={error}
      isLabelHidden={isLabelHidden ?? false}
      isRequired={rest.required}
    >
      {(wiring) => (
        <select {...rest} {...wiring} className={cx("control", className)}>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
