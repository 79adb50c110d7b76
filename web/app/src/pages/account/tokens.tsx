import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { api, body } from "@/api/client";
import type { TokenMade, TokenShown } from "@/api/schema";
import { useText } from "@/i18n/text";
import { type Role, useMe } from "@/session/session";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Copyable } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { Form, useChecks, useForm } from "@/ui/form";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Moment } from "@/ui/time";
import { tokensQuery } from "./queries";

/** Tokens with which programs act for somebody. A token is shown once, when it is made. */
export function Tokens() {
  const t = useText("account");
  const queries = useQueryClient();
  const { data: tokens, error, refetch } = useQuery(tokensQuery);
  const [isMaking, setMaking] = useState(false);
  const [withdrawn, setWithdrawn] = useState<TokenShown | null>(null);
  const withdraw = async () => {
    if (!withdrawn) return;
    await body(api.DELETE("/api/auth/tokens/{id}", { params: { path: { id: withdrawn.id } } }));
    await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
  };
  return (
    <Section
      title={t("tokens")}
      actions={
        <Button icon={Plus} onClick={() => setMaking(true)}>
          {t("tokens.new")}
        </Button>
      }
    >
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!tokens && !error && <Skeleton />}
      {tokens?.length === 0 && (
        <EmptyState icon={KeyRound} title={t("tokens.none")}>
          {t("tokens.noneText")}
        </EmptyState>
      )}
      {tokens && tokens.length > 0 && (
        <ul className="-my-3 divide-y divide-line">
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} withdraw={() => setWithdrawn(token)} />
          ))}
        </ul>
      )}
      <Dialog title={t("tokens.new")} isOpen={isMaking} onClose={() => setMaking(false)}>
        <NewToken close={() => setMaking(false)} />
      </Dialog>
      <Confirm
        title={t("tokens.withdrawOne", { name: withdrawn?.name ?? "" })}
        action={t("tokens.withdraw")}
        isOpen={withdrawn !== null}
        onClose={() => setWithdrawn(null)}
        run={withdraw}
      >
        {t("tokens.withdrawText")}
      </Confirm>
    </Section>
  );
}

function TokenRow({ token, withdraw }: { token: TokenShown; withdraw: () => void }) {
  const t = useText("account");
  const common = useText("common");
  const { name, role, expiresAt, lastUsedAt } = token;
  return (
    <li className="flex items-center gap-3 py-3">
      <KeyRound aria-hidden size={20} className="shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <bdi>{name}</bdi>
          <Badge>{common(`role.${role as Role}`)}</Badge>
        </p>
        <p className="text-muted text-xs">
          {lastUsedAt ? (
            <>
              {t("tokens.used")} <Moment at={lastUsedAt} isRelative />
            </>
          ) : (
            t("tokens.unused")
          )}
          {" · "}
          {t("sessions.expires")} <Moment at={expiresAt} />
        </p>
      </div>
      <Button onClick={withdraw} aria-label={t("tokens.withdrawOne", { name })}>
        {t("tokens.withdraw")}
      </Button>
    </li>
  );
}

/** What a token may do at most: as much as its owner, or less. */
function rolesOf(role: Role): readonly Role[] {
  if (role === "ADMIN") return ["USER", "ADMIN", "GUEST"];
  return role === "USER" ? ["USER", "GUEST"] : [role];
}

const DAYS = [7, 30, 90, 365] as const;

function NewToken({ close }: { close: () => void }) {
  const t = useText("account");
  const common = useText("common");
  const me = useMe();
  const queries = useQueryClient();
  const checks = useChecks();
  const roles = rolesOf(me.role);
  const [name, setName] = useState("");
  const [role, setRole] = useState<string>(roles[0]!);
  const [days, setDays] = useState("30");
  const [made, setMade] = useState<TokenMade | null>(null);
  const form = useForm({
    check: () => ({ name: checks.length(name, 1, 100) }),
    send: () =>
      body(
        api.POST("/api/auth/tokens", {
          body: { name: name.trim(), role, expiresInDays: Number(days) },
        }),
      ),
    done: (token) => {
      setMade(token);
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  if (made) {
    return (
      <div className="flex flex-col gap-4">
        <p role="status" className="rounded-lg bg-warning-soft px-3 py-2 text-warning">
          {t("tokens.once")}
        </p>
        <Copyable label={made.details.name} value={made.token} />
        <Button look="primary" onClick={close} className="self-end">
          {t("tokens.kept")}
        </Button>
      </div>
    );
  }
  return (
    <Form form={form} label={t("tokens.new")}>
      <TextField
        label={t("tokens.name")}
        hint={t("tokens.nameHint")}
        name="name"
        required
        autoComplete="off"
        dir="auto"
        value={name}
        error={form.problems["name"]}
        onChange={({ target }) => setName(target.value)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t("tokens.role")}
          name="role"
          value={role}
          error={form.problems["role"]}
          onChange={({ target }) => setRole(target.value)}
          options={roles.map((one) => [one, common(`role.${one}`)] as const)}
        />
        <SelectField
          label={t("tokens.expires")}
          name="expiresInDays"
          value={days}
          error={form.problems["expiresInDays"]}
          onChange={({ target }) => setDays(target.value)}
          options={DAYS.map((n) => [String(n), t("tokens.days", { n })] as const)}
        />
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close}>{common("cancel")}</Button>
        <Button type="submit" look="primary" disabled={form.isBusy}>
          {t("tokens.make")}
        </Button>
      </div>
    </Form>
  );
}
