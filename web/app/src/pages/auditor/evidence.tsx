import { PackageCheck } from "lucide-react";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { useText } from "@/i18n/text";
import { saveAs } from "@/lib/save";
import { Button } from "@/ui/button";
import { useProblemText } from "@/ui/states";
import { toast } from "@/ui/toast";

/** Takes evidence of a ticket: a file that proves itself. */
export function EvidenceButton({ id }: { id: string }) {
  const t = useText("auditor");
  const say = useProblemText();
  const [isTaking, setTaking] = useState(false);
  const take = async () => {
    setTaking(true);
    try {
      const asked = api.GET("/api/audit/evidence/{id}", { params: { path: { id } }, parseAs: "blob" });
      const { data } = await answer(asked);
      saveAs(data as unknown as Blob, `ticket-${id}.evidence.zip`);
      toast(t("evidence.taken"), { tone: "success" });
    } catch (error) {
      toast(say(error), { tone: "danger" });
    } finally {
      setTaking(false);
    }
  };
  return (
    <Button
      icon={PackageCheck}
      aria-busy={isTaking}
      onClick={() => {
        if (!isTaking) void take();
      }}
    >
      {t(isTaking ? "evidence.taking" : "evidence.take")}
    </Button>
  );
}
