import { Check, Copy } from "lucide-react";
import { useRef, useState } from "react";
import { useText } from "@/i18n/text";
import { announce } from "@/lib/announce";
import { Button } from "./button";

/** Something to take along, with a button that copies it. */
export function Copyable({ label, value }: { label: string; value: string }) {
  const t = useText("form");
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Without TLS there is no clipboard for pages: it is selected, and copied in the old way.
      if (!document.execCommand("copy")) return;
    }
    setCopied(true);
    announce(t("copied"));
  };
  return (
    <div className="flex gap-2">
      <input
        ref={field}
        readOnly
        aria-label={label}
        value={value}
        dir="ltr"
        onFocus={({ target }) => target.select()}
        className="control font-mono"
      />
      <Button icon={isCopied ? Check : Copy} onClick={() => void copy()}>
        {isCopied ? t("copied") : t("copy")}
      </Button>
    </div>
  );
}
