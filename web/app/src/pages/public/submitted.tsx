import { ticketNumber } from "@/lib/number";
import { CircleCheck, Mail } from "lucide-react";
import { useSearchParams } from "wouter";
import { useText } from "@/i18n/text";
import { ButtonLink } from "@/ui/button";
import { Card, Section } from "@/ui/card";
import { Page } from "@/ui/page";

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** `/submit-ticket/success?ticket=`: the ticket has arrived, and how it goes on. */
export default function Submitted() {
  const t = useText("public");
  const common = useText("common");
  const [search] = useSearchParams();
  const id = search.get("ticket") ?? "";
  return (
    <Page width="narrow" title={t("submitted.title")}>
      <Card className="flex items-center gap-4 p-5">
        <CircleCheck aria-hidden size={40} className="shrink-0 text-success" />
        <div>
          {ID.test(id) && (
            <p className="text-lg font-semibold">{common("ticketNumber", { number: ticketNumber(id) })}</p>
          )}
          <p className="text-muted">{t("submitted.lead")}</p>
        </div>
      </Card>
      <section
        aria-labelledby="mail"
        className="flex gap-3 rounded-xl border border-line bg-info-soft p-5 text-info"
      >
        <Mail aria-hidden size={20} className="mt-0.5 shrink-0" />
        <div>
          <h2 id="mail" className="font-semibold">
            {t("submitted.mail")}
          </h2>
          <p>{t("submitted.mailText")}</p>
        </div>
      </section>
      <Section title={t("submitted.next")}>
        <ol className="flex list-decimal flex-col gap-1.5 ps-5">
          <li>{t("submitted.next1")}</li>
          <li>{t("submitted.next2")}</li>
          <li>{t("submitted.next3")}</li>
          <li>{t("submitted.next4")}</li>
        </ol>
      </Section>
      <div className="flex flex-wrap gap-2">
        <ButtonLink href="/submit-ticket" look="primary">
          {t("submitted.another")}
        </ButtonLink>
        <ButtonLink href="/">{t("submitted.home")}</ButtonLink>
      </div>
    </Page>
  );
}
