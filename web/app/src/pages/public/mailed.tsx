import { MailCheck, Unlink } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { Card } from "@/ui/card";
import { Page } from "@/ui/page";
import { EmptyState } from "@/ui/states";

/** Something has been done, and it goes on elsewhere; in place of a form. It takes the focus and is read out. */
export function Done({
  icon: Icon = MailCheck,
  title,
  isPlain = false,
  children,
}: {
  icon?: typeof MailCheck;
  title: string;
  /** Without a card: there is one around it. */
  isPlain?: boolean;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    announce(title);
  }, [title]);
  const contents = (
    <>
      <span className="inline-grid size-10 place-items-center rounded-full bg-success-soft text-success">
        <Icon aria-hidden size={20} />
      </span>
      <h2 ref={heading} tabIndex={-1} className="text-lg font-semibold outline-none">
        {title}
      </h2>
      {children}
    </>
  );
  return isPlain ? (
    <div className="flex flex-col items-start gap-3">{contents}</div>
  ) : (
    <Card className="flex flex-col items-start gap-3 p-5">{contents}</Card>
  );
}

/** A page that mails lead to was opened without its link. */
export function NoLink({ title, children }: { title: string; children?: ReactNode }) {
  const t = useText("public");
  return (
    <Page width="slim" title={title}>
      <Card>
        <EmptyState icon={Unlink} title={t("link.missing")}>
          <p>{t("link.missingText")}</p>
          {children}
        </EmptyState>
      </Card>
    </Page>
  );
}
