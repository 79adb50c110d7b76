export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 64 64" className="shrink-0">
      <rect width="64" height="64" rx="15" className="fill-accent" />
      <circle cx="32" cy="18.5" r="5" className="fill-on-accent" />
      <path
        d="M24 29.5h9.5V46M24 46.5h17"
        fill="none"
        className="stroke-on-accent"
        strokeWidth="6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
