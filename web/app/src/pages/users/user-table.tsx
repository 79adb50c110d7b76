import { Settings2 } from "lucide-react";
import type { UserRow } from "@/api/schema";
import { useFormats } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { type Role, useMe } from "@/session/session";
import { Avatar } from "@/ui/avatar";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";

const TONES: Record<Role, Tone> = {
  ADMIN: "note",
  USER: "info",
  GUEST: "neutral",
  AUDITOR: "warning",
  OPERATOR: "success",
};

/** Accounts as a table; on a narrow screen each row is a card. */
export function UserTable({ users, manage }: { users: readonly UserRow[]; manage: (user: UserRow) => void }) {
  const t = useText("users");
  const common = useText("common");
  const columns = [t("person"), t("role"), t("tickets"), t("status"), t("joined"), t("actions")];
  return (
    <table className="block w-full md:table">
      <caption className="sr-only">{t("title")}</caption>
      <thead className="sr-only md:not-sr-only md:table-header-group">
        <tr className="border-b border-line text-xs text-muted">
          {columns.map((name) => (
            <th key={name} scope="col" className="px-4 py-2 text-start font-medium last:text-end">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="block md:table-row-group">
        {users.map((user) => (
          <Row key={user.id} user={user} names={columns} common={common} manage={manage} />
        ))}
      </tbody>
    </table>
  );
}

const CELL = "flex items-center justify-between gap-3 py-1 md:table-cell md:px-4 md:py-3 md:align-middle";

function Row({
  user,
  names,
  common,
  manage,
}: {
  user: UserRow;
  names: readonly string[];
  common: ReturnType<typeof useText<"common">>;
  manage: (user: UserRow) => void;
}) {
  const t = useText("users");
  const format = useFormats();
  const me = useMe();
  // The names of the columns stand in the cards; on wide screens they are above.
  const name = (column: number) => (
    <span aria-hidden className="text-xs text-muted md:hidden">
      {names[column]}
    </span>
  );
  return (
    <tr
      data-user={user.email}
      className="block border-b border-line p-4 last:border-0 hover:bg-hover md:table-row md:p-0"
    >
      <td className="block pb-2 md:table-cell md:px-4 md:py-3">
        <div className="flex items-center gap-3">
          <Avatar name={user.name} className={cx(!user.isActive && "grayscale")} />
          <div className="min-w-0">
            <p className="font-medium">
              <bdi>{user.name}</bdi>
              {user.id === me.id && <span className="text-muted"> ({common("you")})</span>}
            </p>
            <p className="text-xs text-muted">
              <bdi>{user.email}</bdi>
              {user.department && (
                <>
                  {" · "}
                  <bdi>{user.department}</bdi>
                </>
              )}
            </p>
          </div>
        </div>
      </td>
      <td className={CELL}>
        {name(1)}
        <span className="inline-flex flex-wrap justify-end gap-1">
          <Badge tone={TONES[user.role as Role]}>{common(`role.${user.role as Role}`)}</Badge>
          {user.isKeycloakUser && <Badge>SSO</Badge>}
        </span>
      </td>
      <td className={CELL}>
        {name(2)}
        <span className="tabular inline-flex flex-wrap justify-end gap-x-3 text-xs">
          <span>{t("created", { n: user._count.createdTickets })}</span>
          {user.role === "ADMIN" && <span>{t("assigned", { n: user._count.assignedTickets })}</span>}
        </span>
      </td>
      <td className={CELL}>
        {name(3)}
        <Badge tone={user.isActive ? "success" : "danger"}>{t(user.isActive ? "active" : "inactive")}</Badge>
      </td>
      <td className={CELL}>
        {name(4)}
        <time dateTime={user.createdAt}>{format.date(user.createdAt)}</time>
      </td>
      <td className="block pt-2 md:table-cell md:px-4 md:py-3 md:text-end">
        <Button
          id={`manage-${user.id}`}
          icon={Settings2}
          aria-label={t("manageWhom", { name: user.name })}
          onClick={() => manage(user)}
          className="w-full md:w-auto"
        >
          {t("manage")}
        </Button>
      </td>
    </tr>
  );
}
