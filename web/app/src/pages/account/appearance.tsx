import { useText } from "@/i18n/text";
import { LANGUAGES, type Language, prefer, type Theme, THEMES, usePreferences } from "@/lib/preferences";
import { Section } from "@/ui/card";
import { SelectField } from "@/ui/field";

/** How the desk looks in this browser, and which language it speaks. */
export function Appearance() {
  const t = useText("account");
  const shell = useText("shell");
  const { theme, language } = usePreferences();
  return (
    <Section title={t("appearance")}>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={shell("appearance")}
          value={theme}
          onChange={({ target }) => prefer({ theme: target.value as Theme })}
          options={THEMES.map((one) => [one, shell(`theme.${one}`)] as const)}
        />
        <SelectField
          label={shell("language")}
          value={language}
          onChange={({ target }) => prefer({ language: target.value as Language })}
          options={Object.entries(LANGUAGES)}
        />
      </div>
      <p className="text-muted mt-3 text-xs">{t("appearanceText")}</p>
    </Section>
  );
}
