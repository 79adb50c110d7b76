import { MailX } from "lucide-react";
import { useState } from "react";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { useLinkToken } from "@/lib/link-token";
import { useSession } from "@/session/session";
import { Button, ButtonLink } from "@/ui/button";
import { Card } from "@/ui/card";
import { Form, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { Done, NoLink } from "./mailed";

/** `/unsubscribe`: ends mail about tickets, where every such mail leads. Nothing happens before the button is pressed. */
export default function Unsubscribe() {
  const t = useText("public");
  const { me, begin } = useSession();
  const [token, forget] = useLinkToken();
  const [isDone, setDone] = useState(false);
  const form = useForm({
    send: () =>
      body(
        api.POST("/api/mail/unsubscribe/{token}", {
          params: { path: { token: token ?? "" } },
          body: undefined as never,
        }),
      ),
    done: () => {
      setDone(true);
      forget();
      if (me) void body(api.GET("/api/auth/me")).then(begin, () => {});
    },
  });
  // Another link may come into the page that has done its work.
  if (isDone && token === null) {
    return (
      <Page width="slim" title={t("unsubscribe.title")}>
        <Done icon={MailX} title={t("unsubscribe.done")}>
          <p className="text-muted">{t("unsubscribe.doneText")}</p>
          <ButtonLink href="/">{t("toStart")}</ButtonLink>
        </Done>
      </Page>
    );
  }
  if (token === null) {
    return (
      <NoLink title={t("unsubscribe.title")}>
        <p>{t("unsubscribe.account")}</p>
        <ButtonLink href="/account">{t("toAccount")}</ButtonLink>
      </NoLink>
    );
  }
  return (
    <Page width="slim" title={t("unsubscribe.title")} lead={t("unsubscribe.lead")}>
      <Card className="p-5">
        <Form form={form} label={t("unsubscribe.title")}>
          <Button type="submit" look="primary" disabled={form.isBusy} className="self-start">
            {t("unsubscribe.submit")}
          </Button>
        </Form>
      </Card>
    </Page>
  );
}
