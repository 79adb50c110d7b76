import { useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Deed } from "../confirm";
import { projectionsQuery } from "../queries";
import { useText } from "@/i18n/text";

/** What an operator can do with a read model, each with what it says before. */
export interface Deeds {
  rebuild: Deed;
  acceptDiff: Deed;
  abort: Deed;
  rollback: Deed;
  dropOld: Deed;
  retry: (stream: string) => Deed;
  skip: (stream: string) => Deed;
}

const BASE = "/api/ops/projections/{name}";

export function useDeeds(name: string): Deeds {
  const t = useText("operator");
  const queries = useQueryClient();
  const done = () => queries.invalidateQueries({ queryKey: projectionsQuery.queryKey });
  const params = { path: { name } };
  const deed = (
    what: "rebuild" | "accept" | "abort" | "rollback" | "drop",
    run: () => Promise<unknown>,
    isGrave = false,
  ): Deed => ({
    title: t(`${what}.title`, { name }),
    happens: t(`${what}.happens`),
    undo: t(`${what}.undo`),
    go: t(`${what}.go`),
    isGrave,
    run: async () => {
      await run();
      await done();
    },
  });
  return {
    rebuild: deed("rebuild", () => answer(api.POST(`${BASE}/rebuild`, { params }))),
    acceptDiff: deed("accept", () => answer(api.POST(`${BASE}/accept-diff`, { params }))),
    abort: deed("abort", () => answer(api.POST(`${BASE}/abort`, { params }))),
    rollback: deed("rollback", () => answer(api.POST(`${BASE}/rollback`, { params }))),
    dropOld: deed("drop", () => answer(api.POST(`${BASE}/drop-old`, { params })), true),
    retry: (stream) => ({
      title: t("parked.retryTitle"),
      happens: t("parked.retryHappens"),
      undo: t("parked.retryUndo"),
      go: t("retry"),
      run: async () => {
        await answer(api.POST(`${BASE}/parked/{stream}/retry`, { params: { path: { name, stream } } }));
        await done();
      },
    }),
    skip: (stream) => ({
      title: t("parked.skipTitle"),
      happens: t("parked.skipHappens"),
      undo: t("parked.skipUndo"),
      go: t("parked.skip"),
      reason: t("parked.reason"),
      isGrave: true,
      run: async (reason) => {
        await answer(
          api.POST(`${BASE}/parked/{stream}/skip`, {
            params: { path: { name, stream } },
            body: { reason },
          }),
        );
        await done();
      },
    }),
  };
}

/** Opens the dialog of a deed; null for whoever may only look. */
export type Ask = ((deed: Deed) => void) | null;
