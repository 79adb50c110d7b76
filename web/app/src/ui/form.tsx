import { type ReactNode, type SubmitEvent, useCallback, useEffect, useRef, useState } from "react";
import { ProblemError } from "@/api/problem";
import { useText } from "@/i18n/text";
import { cx } from "./classes";
import { useProblemText } from "./states";

/** What is wrong with each field, by its name. */
export type Problems = Readonly<Record<string, string | null | undefined>>;

interface FormState {
  isBusy: boolean;
  problems: Problems;
  /** What is wrong with none of the fields, or with all of them. */
  message: string | null;
}

export interface FormModel extends FormState {
  /** Why the server refused it the last time. */
  error: ProblemError | null;
  submit: () => Promise<void>;
  /** The field has been changed: what was wrong with it may not be any more. */
  touch: (field: string) => void;
  /** How often it was refused: each time the first field that is wrong gets the focus. */
  refusals: number;
}

/**
 * A form that is sent at once. `check` finds what is wrong before it is sent; `explain` says what a refusal means here,
 * where the usual words do not.
 */
export function useForm<Answer>({
  check = () => ({}),
  send,
  done,
  explain = () => null,
}: {
  check?: () => Problems;
  send: () => Promise<Answer>;
  done: (answer: Answer) => void;
  explain?: (error: ProblemError) => string | null;
}): FormModel {
  const say = useProblemText();
  const sayField = useFieldProblem();
  const [state, setState] = useState<FormState>({ isBusy: false, problems: {}, message: null });
  const [error, setError] = useState<ProblemError | null>(null);
  const [refusals, setRefusals] = useState(0);
  const isBusy = useRef(false);

  const refuse = (problems: Problems, message: string | null) => {
    setState({ isBusy: false, problems, message });
    setRefusals((times) => times + 1);
  };

  const submit = async () => {
    // Enter may be pressed twice.
    if (isBusy.current) return;
    setError(null);
    const found = check();
    if (Object.values(found).some(Boolean)) {
      refuse(found, null);
      return;
    }
    isBusy.current = true;
    setState({ isBusy: true, problems: {}, message: null });
    try {
      const answer = await send();
      setState({ isBusy: false, problems: {}, message: null });
      done(answer);
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === "AbortError") {
        setState({ isBusy: false, problems: {}, message: null });
        return;
      }
      const refusal = ProblemError.of(thrown);
      setError(refusal);
      const fields = [...refusal.fields].map(([name, problem]) => [name, sayField(problem)] as const);
      const message = explain(refusal) ?? (fields.length > 0 ? null : say(refusal));
      refuse(Object.fromEntries(fields), message);
    } finally {
      isBusy.current = false;
    }
  };

  const touch = useCallback((field: string) => {
    setState((present) =>
      present.problems[field]
        ? { ...present, problems: { ...present.problems, [field]: undefined } }
        : present,
    );
  }, []);

  return { ...state, error, submit, touch, refusals };
}

/** The form itself: says what is wrong with none of its fields, and leads to the first that is wrong. */
export function Form({
  form,
  label,
  className,
  children,
}: {
  form: FormModel;
  label?: string;
  className?: string;
  children: ReactNode;
}) {
  const element = useRef<HTMLFormElement>(null);
  const { refusals, message } = form;
  useEffect(() => {
    if (refusals === 0) return;
    element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);
  return (
    <form
      ref={element}
      // What is wrong is said in the reader's language, at the fields.
      noValidate
      aria-label={label}
      className={cx("flex flex-col gap-4", className)}
      onInput={({ target }) => form.touch((target as HTMLInputElement).name)}
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      {children}
      <FormMessage>{message}</FormMessage>
    </form>
  );
}

/** What went wrong, read out at once. */
export function FormMessage({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="empty:hidden">
      {children ? (
        <p className="rounded-lg bg-danger-soft px-3 py-2 font-medium text-danger">{children}</p>
      ) : null}
    </div>
  );
}

const SERVERS_WORDS = [
  [/^must not be empty$/, "empty"],
  [/^must have at least (\d+) characters?$/, "short"],
  [/^must have at most (\d+) characters?$/, "long"],
  [/^must have at most (\d+) bytes$/, "longBytes"],
  [/^must be an e-mail address$/, "email"],
  [/^must not be one of the most common passwords$/, "common"],
] as const;

/** What the server says of a field, in the reader's language where the words are known. */
export function useFieldProblem(): (problem: string) => string {
  const t = useText("form");
  return (problem) => {
    for (const [pattern, name] of SERVERS_WORDS) {
      const found = pattern.exec(problem);
      if (found) return t(name, { n: Number(found[1] ?? 0) });
    }
    return t("other", { problem });
  };
}

const EMAIL = /^[^\s@]+@[^\s@]+$/u;

/** The checks that need no server. Each gives what is wrong, or nothing. */
export function useChecks() {
  const t = useText("form");
  return {
    /** Of `min` to `max` characters, without what stands around it. */
    length(value: string, min: number, max: number): string | null {
      const length = [...value.trim()].length;
      if (length === 0) return t("empty");
      if (length < min) return t("short", { n: min });
      return length > max ? t("long", { n: max }) : null;
    },
    email(value: string): string | null {
      if (value.trim() === "") return t("empty");
      return EMAIL.test(value.trim()) ? null : t("email");
    },
    /** A new password. */
    password(value: string): string | null {
      const length = [...value].length;
      if (length === 0) return t("empty");
      if (length < 8) return t("short", { n: 8 });
      return length > 128 ? t("long", { n: 128 }) : null;
    },
    given: (value: string): string | null => (value.trim() === "" ? t("empty") : null),
  };
}
