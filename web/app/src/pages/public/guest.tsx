import { Link2, MailCheck } from "lucide-react";
import { Suspense, use, useState } from "react";
import { Link, Redirect, useRoute } from "wouter";
import { api, body } from "@/api/client";
import { useText } from "@/i18n/text";
import { useLinkToken } from "@/lib/link-token";
import { routes as ticketRoutes } from "@/pages/ticket/routes";
import { homeOf, ticketPath, useSession } from "@/session/session";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { TextField } from "@/ui/field";
import { Form, FormMessage, useChecks, useForm } from "@/ui/form";
import { Page } from "@/ui/page";
import { Skeleton } from "@/ui/states";
import { AccessCodeForm, useGuestEntrance } from "./access-code";
import { Done } from "./mailed";

const PATH = "/tickets/view/:id";

/**
 * `/tickets/view` and `/tickets/view/{id}`: where mails lead those who have no account. A link opens it, or a code; whoever is
 * in already sees the ticket.
 */
export default function GuestTickets() {
  const { me } = useSession();
  const [, parameters] = useRoute(PATH);
  const ticket = parameters?.id ?? null;
  const [token, forget] = useLinkToken();
  const [isInvalid, setInvalid] = useState(false);

  if (token !== null && !isInvalid) {
    const failed = () => {
      // Whoever is in as a guest already sees the ticket by that session, if it is theirs.
      setInvalid(me?.role !== "GUEST");
      forget();
    };
    return <ByLink token={token} ticket={ticket} entered={forget} failed={failed} />;
  }
  if (me === undefined) return <Waiting />;
  if (me?.role === "GUEST" && !isInvalid)
    return ticket === null ? <Redirect to="/tickets" replace /> : <GuestTicket />;
  if (me && ticket !== null && !isInvalid) {
    const path = ticketPath(me, ticket);
    return <Redirect to={me.role === "OPERATOR" ? homeOf(me) : path} replace />;
  }
  return <ByCode ticket={ticket} isInvalid={isInvalid} entered={() => setInvalid(false)} />;
}

function Waiting() {
  return (
    <div className="mx-auto w-full max-w-7xl px-4 py-6 sm:px-6">
      <Skeleton lines={6} />
    </div>
  );
}

/** The ticket itself, which is the ticket pages' to show. */
function GuestTicket() {
  return (
    <Suspense fallback={<Waiting />}>
      <TicketPage />
    </Suspense>
  );
}

function TicketPage() {
  const route = ticketRoutes.find(({ path }) => path === PATH);
  if (!route) throw new Error(`no ticket page at ${PATH}`);
  const { default: Contents } = use(route.load());
  return <Contents />;
}

/** Mail scanners follow links, but they press no buttons: the link is good once, and used only by one. */
function ByLink({
  token,
  ticket,
  entered,
  failed,
}: {
  token: string;
  ticket: string | null;
  entered: () => void;
  failed: () => void;
}) {
  const t = useText("public");
  const { me } = useSession();
  const enter = useGuestEntrance(ticket);
  const form = useForm({
    send: () => body(api.POST("/api/guest/session", { body: { token } })),
    done: (session) => {
      enter(session);
      entered();
    },
    explain: (error) => {
      if (error.status === 401) failed();
      return null;
    },
  });
  return (
    <Page width="slim" title={t("guest.title")} lead={t("guest.linkLead")}>
      {me && <p className="text-muted">{t("guest.signedIn", { name: me.name })}</p>}
      <Form form={form} label={t("guest.title")}>
        <Button type="submit" look="primary" disabled={form.isBusy} className="self-start">
          {t("guest.open")}
        </Button>
      </Form>
    </Page>
  );
}

function ByCode({
  ticket,
  isInvalid,
  entered,
}: {
  ticket: string | null;
  isInvalid: boolean;
  entered: () => void;
}) {
  const t = useText("public");
  return (
    <Page
      width="slim"
      title={isInvalid ? t("guest.invalid") : t("guest.title")}
      lead={isInvalid ? undefined : t("guest.codeLead")}
    >
      {isInvalid && <FormMessage>{t("link.invalid")}</FormMessage>}
      <Section title={t("guest.byCode")}>
        <AccessCodeForm button={t("guest.open")} ticket={ticket} entered={entered} />
      </Section>
      <Section title={t("link.ask")}>
        <AskForLink />
      </Section>
      <p className="text-muted">
        {t("register.haveAccount")}{" "}
        <Link
          href={ticket === null ? "/login" : `/login?next=${encodeURIComponent(`/tickets/view/${ticket}`)}`}
          className="text-link underline"
        >
          {t("login.submit")}
        </Link>
      </p>
    </Page>
  );
}

/** Another link, by mail, to whoever has submitted tickets with the address. */
function AskForLink() {
  const t = useText("public");
  const checks = useChecks();
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm({
    check: () => ({ email: checks.email(email) }),
    send: () => body(api.POST("/api/guest/link", { body: { email: email.trim() } })),
    done: () => setSentTo(email.trim()),
  });
  if (sentTo !== null) {
    return (
      <Done icon={MailCheck} title={t("link.sent")} isPlain>
        <p className="text-muted">{t("link.sentText", { email: sentTo })}</p>
      </Done>
    );
  }
  return (
    <Form form={form} label={t("link.ask")}>
      <p className="text-muted">{t("link.askText")}</p>
      <TextField
        label={t("email")}
        name="email"
        type="email"
        required
        autoComplete="email"
        dir="ltr"
        value={email}
        error={form.problems["email"]}
        onChange={({ target }) => setEmail(target.value)}
      />
      <Button type="submit" icon={Link2} disabled={form.isBusy} className="self-start">
        {t("link.send")}
      </Button>
    </Form>
  );
}
