import { TwinTable } from "./twin-table";

/** One bar: what it is called, how long it is, and its length in words. */
export interface Bar {
  name: string;
  value: number;
  text: string;
}

/** Bars with their values beside them, and the same as a table. */
export function Bars({
  title,
  columns,
  bars,
  asTable,
}: {
  title: string;
  columns: readonly [string, string];
  bars: readonly Bar[];
  asTable: boolean;
}) {
  const longest = Math.max(...bars.map(({ value }) => value), 0);
  return (
    <div data-bars>
      {!asTable && (
        <ul
          aria-hidden
          className="grid grid-cols-[max-content_1fr_max-content] items-center gap-x-3 gap-y-2 text-sm"
        >
          {bars.map(({ name, value, text }) => (
            <li key={name} className="contents">
              <span>{name}</span>
              <span className="h-2.5 overflow-hidden rounded-full bg-sunken">
                <span
                  className="block h-full rounded-full bg-accent transition-[width]"
                  style={{ width: longest === 0 ? 0 : `${Math.max(1, (value / longest) * 100)}%` }}
                />
              </span>
              <span className="tabular text-end font-medium">{text}</span>
            </li>
          ))}
        </ul>
      )}
      <TwinTable
        caption={title}
        isShown={asTable}
        columns={columns}
        rows={bars.map(({ name, text }) => [name, text] as const)}
      />
    </div>
  );
}
