import { type FormEvent, useEffect, useState } from "react";
import { useText } from "@/i18n/text";
import { TextField } from "@/ui/field";

/** A field that searches when Enter is pressed or it is left: every reading is recorded, so not with every letter. */
export function SearchField({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const t = useText("auditor");
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const search = () => {
    if (text.trim() !== value) onSearch(text.trim());
  };
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    search();
  };
  return (
    <form role="search" onSubmit={submitted}>
      <TextField
        type="search"
        label={t("past.q")}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        onBlur={search}
      />
    </form>
  );
}
