import { expect, test } from "vitest";
import { browserOf } from "@/pages/account/browser";

test("browsers and programs have the names that people know", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
  expect(browserOf(chrome)).toEqual({ name: "Chrome · Linux", isPhone: false });
  expect(browserOf(`${chrome} Edg/140.0.0.0`).name).toBe("Edge · Linux");
  const phone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";
  expect(browserOf(phone)).toEqual({ name: "Safari · iOS", isPhone: true });
  expect(browserOf("curl/8.5.0").name).toBe("curl/8.5.0");
  expect(browserOf("").name).toBe("");
});
