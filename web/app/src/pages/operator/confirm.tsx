import { useState } from "react";
import { useText } from "@/i18n/text";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextArea } from "@/ui/field";
import { useProblemText } from "@/ui/states";

/** Something that an operator is about to do. */
export interface Deed {
  title: string;
  /** What happens. */
  happens: string;
  /** What can be undone, and how. */
  undo: string;
  /** What the button says. */
  go: string;
  isGrave?: boolean;
  /** Asks for a reason, under this label. */
  reason?: string;
  run: (reason: string) => Promise<unknown>;
}

/** Says what happens and what can be undone before it is done; a refusal is said in the server's words. */
export function Confirm({ deed, onClose }: { deed: Deed | null; onClose: () => void }) {
  return (
    <Dialog title={deed?.title ?? ""} isOpen={deed !== null} onClose={onClose}>
      {deed && <Asked deed={deed} onClose={onClose} />}
    </Dialog>
  );
}

function Asked({ deed, onClose }: { deed: Deed; onClose: () => void }) {
  const t = useText("operator");
  const common = useText("common");
  const say = useProblemText();
  const [reason, setReason] = useState("");
  const [isTold, setTold] = useState(false);
  const [state, setState] = useState<{ isRunning: boolean; error: unknown }>({
    isRunning: false,
    error: null,
  });
  const isMissing = deed.reason !== undefined && reason.trim() === "";
  const run = async () => {
    if (state.isRunning) return;
    if (isMissing) {
      setTold(true);
      return;
    }
    setState({ isRunning: true, error: null });
    try {
      await deed.run(reason.trim());
      onClose();
    } catch (error) {
      setState({ isRunning: false, error });
    }
  };
  return (
    <>
      <p>{deed.happens}</p>
      <p className="text-muted">{deed.undo}</p>
      {deed.reason !== undefined && (
        <TextArea
          label={deed.reason}
          hint={t("confirm.reasonHint")}
          error={isTold && isMissing ? t("confirm.reasonMissing") : undefined}
          required
          rows={3}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      {state.error !== null && (
        <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-danger">
          {say(state.error)}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{common("cancel")}</Button>
        <Button
          id="confirm-go"
          look={deed.isGrave ? "danger" : "primary"}
          aria-busy={state.isRunning}
          onClick={() => void run()}
        >
          {deed.go}
        </Button>
      </div>
    </>
  );
}
