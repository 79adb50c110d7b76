import { useText } from "@/i18n/text";
import { Badge, type Tone } from "@/ui/badge";

const TONES: Record<string, Tone> = { green: "success", yellow: "warning", red: "danger" };
const HEALTHS = ["well", "behind", "building", "parked", "failing", "dead"] as const;
type Health = (typeof HEALTHS)[number];

/** How a read model is, in a word. */
export function HealthBadge({ health, colour }: { health: string; colour: string }) {
  const t = useText("operator");
  const known = HEALTHS.find((one): one is Health => one === health);
  return <Badge tone={TONES[colour] ?? "neutral"}>{known ? t(`health.${known}`) : health}</Badge>;
}

const NAMES = ["tickets", "people", "history", "search", "stats"] as const;

/** What a read model is for. */
export function usePurpose(): (name: string) => string | null {
  const t = useText("operator");
  return (name) => {
    const known = NAMES.find((one) => one === name);
    return known ? t(`purpose.${known}`) : null;
  };
}
