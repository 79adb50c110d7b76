import type { DifferenceKind } from "@/api/schema";
import { useText } from "@/i18n/text";
import { Badge, type Tone } from "@/ui/badge";

const TONES: Record<DifferenceKind, Tone> = {
  ADDED: "success",
  CHANGED: "info",
  REMOVED: "danger",
  ADDED_AND_REMOVED: "warning",
  UNCHANGED: "neutral",
};

/** What became of a ticket between two moments. */
export function KindBadge({ kind }: { kind: DifferenceKind }) {
  const t = useText("auditor");
  return <Badge tone={TONES[kind]}>{t(`difference.${kind}`)}</Badge>;
}
