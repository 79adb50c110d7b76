import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { toast } from "@/ui/toast";
import { sessionsQuery } from "./queries";

/** For guests whose mails somebody else has seen. */
export function GuestLinks() {
  const t = useText("account");
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const revoke = async () => {
    await body(api.DELETE("/api/guest/links"));
    await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    toast(t("links.done"), { tone: "success" });
  };
  return (
    <Section title={t("links")}>
      <p className="text-muted mb-3">{t("links.text")}</p>
      <Button onClick={() => setAsking(true)}>{t("links.revoke")}</Button>
      <Confirm
        title={t("links.revoke")}
        action={t("links.revoke")}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        run={revoke}
      >
        {t("links.revokeText")}
      </Confirm>
    </Section>
  );
}
