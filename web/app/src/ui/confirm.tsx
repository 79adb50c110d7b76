import { type ReactNode, useState } from "react";
import { useText } from "@/i18n/text";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { FormMessage } from "./form";
import { useProblemText } from "./states";

/** Asks before something that cannot be undone. It stays open until that is done, and says why it was not. */
export function Confirm({
  title,
  action,
  isOpen,
  onClose,
  run,
  children,
}: {
  title: string;
  /** What the button says that does it. */
  action: string;
  isOpen: boolean;
  onClose: () => void;
  run: () => Promise<unknown>;
  children: ReactNode;
}) {
  const t = useText("common");
  const say = useProblemText();
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const close = () => {
    setMessage(null);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setMessage(null);
    try {
      await run();
      close();
    } catch (error) {
      setMessage(say(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <div className="text-muted">{children}</div>
      <FormMessage>{message}</FormMessage>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close}>{t("cancel")}</Button>
        <Button look="danger" disabled={isBusy} onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
