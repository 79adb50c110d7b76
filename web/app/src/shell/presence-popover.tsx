import { UsersRound } from "lucide-react";
import { useId } from "react";
import { useText } from "@/i18n/text";
import { Popover } from "./popover";
import { People } from "./presence-people";

/** Who is there, when it is asked for. */
export default function PresencePopover() {
  const t = useText("connection");
  const id = useId();
  return (
    <>
      <button
        type="button"
        id="presence"
        popoverTarget={id}
        aria-label={t("presence")}
        title={t("presence")}
        className="hidden size-9 place-items-center rounded-lg text-muted hover:bg-hover hover:text-ink sm:inline-grid"
      >
        <UsersRound aria-hidden size={18} />
      </button>
      <Popover id={id} name={t("presence")}>
        <h2 className="mb-3 font-semibold">{t("presence")}</h2>
        <People />
      </Popover>
    </>
  );
}
