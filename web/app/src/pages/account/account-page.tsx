import { useText } from "@/i18n/text";
import { useMe } from "@/session/session";
import { Page } from "@/ui/page";
import { Appearance } from "./appearance";
import { GuestLinks } from "./guest-links";
import { Notifications } from "./notifications";
import { Password } from "./password";
import { Profile } from "./profile";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";

/** `/account`: what is one's own, and how one is reached. */
export default function Account() {
  const t = useText("account");
  const common = useText("common");
  const me = useMe();
  const isGuest = me.role === "GUEST";
  return (
    <Page width="narrow" title={t("title")} lead={`${me.email} · ${common(`role.${me.role}`)}`}>
      <Profile />
      <Notifications />
      <Appearance />
      {!isGuest && <Password />}
      <Sessions />
      {isGuest ? <GuestLinks /> : <Tokens />}
    </Page>
  );
}
