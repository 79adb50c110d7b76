import type { PresentPerson } from "informejo-realtime";
import { useEffect, useState } from "react";
import { useText } from "@/i18n/text";
import { useConnection, useLive, useLiveEvent } from "@/live/live";
import { isAgent, type Role, useSession } from "@/session/session";
import { Avatar } from "@/ui/avatar";
import { Skeleton } from "@/ui/states";
import { afterChange, sorted } from "./presence-order";

/** Who is there, as it is now; null until that is known. For agents. */
export function usePeople(): readonly PresentPerson[] | null {
  const client = useLive();
  const { me } = useSession();
  const isAsked = isAgent(me) ? client : null;
  const [people, setPeople] = useState<readonly PresentPerson[] | null>(null);
  const connection = useConnection()?.state;
  const isConnected = connection === "connected" || connection === "catching-up";
  useEffect(() => {
    if (!isAsked || !isConnected) return undefined;
    let isOver = false;
    // What changes while the answer is on its way is told after it: the server sends both in order.
    void isAsked.request("presence:list").then((answer) => {
      if (!isOver && answer.ok) setPeople(sorted(answer.people));
    });
    return () => {
      isOver = true;
    };
  }, [isAsked, isConnected]);
  useLiveEvent("presence:changed", (changed) =>
    setPeople((before) => (before ? afterChange(before, changed.people) : before)),
  );
  return isConnected ? people : null;
}

/** Who is there, in words. */
export function People() {
  const t = useText("connection");
  const people = usePeople();
  const state = useConnection()?.state;
  if (!people) {
    return state === "offline" || state === "reconnecting" ? (
      <p className="text-muted">{t("unknown")}</p>
    ) : (
      <Skeleton lines={2} />
    );
  }
  const agents = people.filter(({ role }) => role === "ADMIN");
  const others = people.filter(({ role }) => role !== "ADMIN");
  return (
    <div className="flex flex-col gap-3">
      <Group name={t("agents")} people={agents} />
      {others.length > 0 && <Group name={t("others")} people={others} />}
    </div>
  );
}

function Group({ name, people }: { name: string; people: readonly PresentPerson[] }) {
  const t = useText("connection");
  const common = useText("common");
  const { me } = useSession();
  return (
    <div>
      <h3 className="mb-1 text-xs font-medium text-muted">{name}</h3>
      <ul className="flex flex-wrap gap-x-5 gap-y-2">
        {people.map(({ id, name: person, role, state }) => (
          <li key={id} className="flex items-center gap-2" data-person={id} data-state={state}>
            <Avatar name={person} />
            <span>
              <span className="block leading-tight font-medium">
                <bdi>{person}</bdi>
                {id === me?.id && ` (${common("you")})`}
              </span>
              <span className="flex items-center gap-1 text-xs text-muted">
                <Dot isOnline={state === "online"} />
                {t(state === "online" ? "online" : "away")} · {common(`role.${role as Role}`)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Full or hollow; what it means stands beside it. */
function Dot({ isOnline }: { isOnline: boolean }) {
  return (
    <span
      aria-hidden
      className={
        isOnline
          ? "size-2 rounded-full bg-success"
          : "size-2 rounded-full border-2 border-warning bg-transparent"
      }
    />
  );
}
