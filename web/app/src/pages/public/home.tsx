import { KeyRound, LayoutDashboard, LogIn, MailCheck, MessagesSquare, PencilLine, Send } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useText } from "@/i18n/text";
import { homeOf, useSession } from "@/session/session";
import { ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { AccessCodeForm } from "./access-code";

/** `/`: what somebody can do who has just come. */
export default function Home() {
  const t = useText("public");
  const { me } = useSession();
  return (
    <Page title={t("home.title")} lead={t("home.lead")}>
      <div className="grid gap-4 lg:grid-cols-3">
        <Way icon={PencilLine} title={t("home.submit")} text={t("home.submitText")}>
          <ButtonLink href="/submit-ticket" look="primary">
            {t("home.submit")}
          </ButtonLink>
        </Way>
        <Way icon={KeyRound} title={t("home.check")} text={t("home.checkText")}>
          <AccessCodeForm button={t("home.view")} />
        </Way>
        {me ? (
          <Way
            icon={LayoutDashboard}
            title={t("home.welcome", { name: me.name })}
            text={t("home.welcomeText")}
          >
            <ButtonLink href={homeOf(me)}>{t("home.dashboard")}</ButtonLink>
          </Way>
        ) : (
          <Way icon={LogIn} title={t("login.title")} text={t("home.signInText")}>
            <ButtonLink href="/login">{t("login.submit")}</ButtonLink>
            <p className="text-muted">
              {t("home.noAccount")}{" "}
              <Link href="/register" className="text-link underline">
                {t("register.create")}
              </Link>
            </p>
          </Way>
        )}
      </div>
      <section aria-labelledby="how" className="flex flex-col gap-4 pt-4">
        <h2 id="how" className="text-lg font-semibold">
          {t("home.how")}
        </h2>
        <ol className="grid gap-4 md:grid-cols-3">
          <Step n={1} icon={Send} title={t("home.step1")} text={t("home.step1Text")} />
          <Step n={2} icon={MailCheck} title={t("home.step2")} text={t("home.step2Text")} />
          <Step n={3} icon={MessagesSquare} title={t("home.step3")} text={t("home.step3Text")} />
        </ol>
      </section>
    </Page>
  );
}

function Way({
  icon: Icon,
  title,
  text,
  children,
}: {
  icon: LucideIcon;
  title: string;
  text: string;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={title}
      className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-5 shadow-card"
    >
      <span className="inline-grid size-10 place-items-center rounded-lg bg-info-soft text-info">
        <Icon aria-hidden size={20} />
      </span>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="text-muted">{text}</p>
      <div className="mt-auto flex flex-col items-start gap-3 pt-1">{children}</div>
    </section>
  );
}

function Step({ n, icon: Icon, title, text }: { n: number; icon: LucideIcon; title: string; text: string }) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden
        className="inline-grid size-8 shrink-0 place-items-center rounded-full border border-line-strong font-semibold"
      >
        {n}
      </span>
      <div>
        <p className="flex items-center gap-2 font-medium">
          <Icon aria-hidden size={16} className="text-muted" />
          {title}
        </p>
        <p className="text-muted">{text}</p>
      </div>
    </li>
  );
}
