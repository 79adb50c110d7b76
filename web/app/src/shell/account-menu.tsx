import { CircleUser, LogIn, LogOut } from "lucide-react";
import { useId } from "react";
import { Link, useLocation } from "wouter";
import { useText } from "@/i18n/text";
import { LANGUAGES, type Language, prefer, type Theme, THEMES, usePreferences } from "@/lib/preferences";
import { type Role, useSession } from "@/session/session";
import { Avatar } from "@/ui/avatar";
import { Button, ButtonLink } from "@/ui/button";
import { SelectField } from "@/ui/field";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";

/** Who is signed in, how the desk looks, and the way out: a popover of the browser's own. */
export function AccountMenu() {
  const t = useText("shell");
  const common = useText("common");
  const problem = useProblemText();
  const { me, end } = useSession();
  const [, go] = useLocation();
  const id = useId();
  const { theme, language } = usePreferences();
  if (me === undefined) return null;

  const signOut = async () => {
    try {
      await end();
      go("/");
      toast(t("signedOut"));
    } catch (error) {
      toast(problem(error), { tone: "danger" });
    }
  };

  return (
    <>
      {me === null && (
        <ButtonLink href="/login" look="quiet" icon={LogIn}>
          {t("signIn")}
        </ButtonLink>
      )}
      <button
        type="button"
        popoverTarget={id}
        aria-label={me ? `${t("account")}: ${me.name}` : t("appearance")}
        className="inline-grid size-9 place-items-center rounded-full hover:bg-hover"
      >
        {me ? <Avatar name={me.name} /> : <CircleUser aria-hidden size={20} className="text-muted" />}
      </button>
      <div
        id={id}
        popover="auto"
        className="fixed inset-auto end-4 top-14 m-0 w-64 rounded-xl border border-line bg-raised p-3 text-ink shadow-float"
      >
        <div className="flex flex-col gap-3">
          {me && (
            <div className="flex items-center gap-2">
              <Avatar name={me.name} />
              <div className="min-w-0">
                <p className="truncate font-medium">{me.name}</p>
                <p className="text-muted truncate text-xs">{common(`role.${me.role as Role}`)}</p>
              </div>
            </div>
          )}
          <SelectField
            label={t("appearance")}
            value={theme}
            onChange={(event) => prefer({ theme: event.target.value as Theme })}
            options={THEMES.map((one) => [one, t(`theme.${one}`)] as const)}
          />
          <SelectField
            label={t("language")}
            value={language}
            onChange={(event) => prefer({ language: event.target.value as Language })}
            options={Object.entries(LANGUAGES)}
          />
          {me && (
            <>
              <Link
                href="/account"
                className="flex min-h-9 items-center gap-2 rounded-lg px-2 hover:bg-hover"
              >
                <CircleUser aria-hidden size={16} />
                {t("account")}
              </Link>
              <Button icon={LogOut} onClick={() => void signOut()}>
                {t("signOut")}
              </Button>
            </>
          )}
        </div>
      </div>
    </>
  );
}
