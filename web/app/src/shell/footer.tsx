import { useQuery } from "@tanstack/react-query";
import { versionQuery } from "@/api/queries";
import { useText } from "@/i18n/text";

/** Which version this is, and where programs find theirs. */
export function Footer() {
  const t = useText("shell");
  const { data } = useQuery(versionQuery);
  return (
    <footer className="mx-auto flex w-full max-w-7xl items-center justify-between gap-4 px-4 py-4 text-xs text-muted sm:px-6">
      <span>{data ? t("version", { version: data.version }) : "informejo"}</span>
      <a href="/docs" className="underline">
        {t("apiDocs")}
      </a>
    </footer>
  );
}
