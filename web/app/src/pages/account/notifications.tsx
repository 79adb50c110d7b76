import { useState } from "react";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { prefer, usePreferences } from "@/lib/preferences";
import { useMe, useSession } from "@/session/session";
import { Section } from "@/ui/card";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";

const CHOICES = ["ALL", "MINE", "NONE"] as const;

/** Which mail about tickets one gets, and whether toasts appear. A choice holds at once. */
export function Notifications() {
  const t = useText("account");
  const say = useProblemText();
  const me = useMe();
  const { begin } = useSession();
  const { muted } = usePreferences();
  const [chosen, setChosen] = useState<string | null>(null);
  const choose = async (notifications: string) => {
    setChosen(notifications);
    try {
      begin(await body(api.PATCH("/api/auth/me", { body: { notifications } })));
      toast(t("saved"), { tone: "success", key: "notifications" });
    } catch (error) {
      toast(say(error), { tone: "danger", key: "notifications" });
    }
    // From here on it is what the server says, whether it has changed or not.
    setChosen(null);
  };
  const present = chosen ?? me.notifications;
  return (
    <Section title={t("notifications")}>
      <div className="flex flex-col gap-4">
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 font-medium">{t("mail")}</legend>
          {CHOICES.map((choice) => (
            <Choice
              key={choice}
              type="radio"
              name="notifications"
              isChecked={present === choice}
              label={t(`mail.${choice}`)}
              text={t(`mail.${choice}.text`)}
              onChange={() => void choose(choice)}
            />
          ))}
        </fieldset>
        <Choice
          type="checkbox"
          name="muted"
          isChecked={!muted}
          label={t("toasts")}
          text={t("toastsText")}
          onChange={() => prefer({ muted: !muted })}
        />
      </div>
    </Section>
  );
}

function Choice({
  type,
  name,
  isChecked,
  label,
  text,
  onChange,
}: {
  type: "radio" | "checkbox";
  name: string;
  isChecked: boolean;
  label: string;
  text: string;
  onChange: () => void;
}) {
  return (
    <label className="flex items-start gap-2">
      <input
        type={type}
        name={name}
        checked={isChecked}
        onChange={onChange}
        className="mt-1 size-4 shrink-0 accent-accent"
      />
      <span>
        {label}
        <span className="text-muted block text-xs">{text}</span>
      </span>
    </label>
  );
}
