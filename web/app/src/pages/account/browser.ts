const BROWSERS = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrom(?:e|ium)\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;

const SYSTEMS = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux|X11/, "Linux"],
] as const;

/** What people call the browser or program that names itself so, as far as that can be told; and whether it is a phone's. */
export function browserOf(userAgent: string): { name: string; isPhone: boolean } {
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const isPhone = /Mobile|iPhone|Android/.test(userAgent);
  // Programs name themselves first: `curl/8.5.0`.
  if (!browser) return { name: userAgent.split(/\s/)[0]?.slice(0, 60) ?? "", isPhone };
  return { name: system ? `${browser} · ${system}` : browser, isPhone };
}
