import { Compass, Lock } from "lucide-react";
import { Suspense, use, useEffect } from "react";
import { Redirect, Route as Path, useLocation, useSearch } from "wouter";
import { useText } from "@/i18n/text";
import { type Role, useSession } from "@/session/session";
import { ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Boundary } from "./boundary";
import type { Route } from "./route";
import { routeOf } from "./routes";
import { useScrollMemory } from "./scroll";
import { Shell } from "./shell";
import { visited } from "./trail";

/** The page at the present address, with what belongs around it. */
export function Pages() {
  const [path] = useLocation();
  const search = useSearch();
  const t = useText("common");
  const route = routeOf(path);
  useScrollMemory();
  useEffect(() => visited(path, search), [path, search]);
  useEffect(() => {
    // Begins before anything is known of who asks: the code is the same for everybody.
    route?.load().catch(() => {});
  }, [route]);
  const words = { title: t("error.crash"), help: t("error.crashHelp"), reload: t("error.reload") };
  const contents = (
    <Boundary at={path} words={words}>
      <Suspense fallback={<Waiting />}>{route ? <Guarded route={route} /> : <NotFound />}</Suspense>
    </Boundary>
  );
  return route?.isBare ? contents : <Shell>{contents}</Shell>;
}

function Guarded({ route }: { route: Route }) {
  const { me, error } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (route.who === "everyone") return <Loaded route={route} />;
  if (me === undefined)
    return error ? <ErrorState error={error} onRetry={() => window.location.reload()} /> : <Waiting />;
  if (me === null) {
    const next = encodeURIComponent(path + (search ? `?${search}` : ""));
    return <Redirect to={`/login?next=${next}`} replace />;
  }
  if (!route.who.includes(me.role as Role)) return <Forbidden />;
  return <Loaded route={route} />;
}

function Loaded({ route }: { route: Route }) {
  const { default: Contents } = use(route.load());
  // For `useParams`.
  return (
    <Path path={route.path}>
      <Contents />
    </Path>
  );
}

function Waiting() {
  return (
    <div className="mx-auto w-full max-w-7xl px-4 py-6 sm:px-6">
      <Skeleton lines={6} />
    </div>
  );
}

/** There is no such page. */
export function NotFound() {
  const t = useText("common");
  return (
    <Page title={t("notFound.title")}>
      <EmptyState icon={Compass} title={t("notFound.help")}>
        <ButtonLink href="/" look="primary">
          {t("notFound.home")}
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}

/** There is, but not for this account. */
function Forbidden() {
  const t = useText("common");
  const { me } = useSession();
  return (
    <Page title={t("forbidden.title")}>
      <EmptyState
        icon={Lock}
        title={t("forbidden.help", {
          name: me?.name ?? "",
          role: t(`role.${(me?.role ?? "GUEST") as Role}`),
        })}
      >
        <ButtonLink href="/" look="primary">
          {t("notFound.home")}
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}
