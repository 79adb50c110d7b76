import { cx } from "./classes";

/** What a drawing shows, as a table: for readers always, for everybody if they ask for it. */
export function TwinTable({
  caption,
  columns,
  rows,
  isShown,
}: {
  caption: string;
  columns: readonly [string, string];
  rows: readonly (readonly [string, string])[];
  isShown: boolean;
}) {
  return (
    <div className={cx(!isShown && "sr-only")}>
      <table className="w-full text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {columns.map((name, column) => (
              <th
                key={name}
                scope="col"
                className={cx("py-1 font-medium", column === 0 ? "text-start" : "text-end")}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name} className="border-b border-line last:border-0">
              <th scope="row" className="py-1 text-start font-normal">
                {name}
              </th>
              <td className="tabular py-1 text-end font-medium">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
