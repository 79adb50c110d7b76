import { expect, test } from "vitest";
import { pathHere } from "@/lib/here";

test("only paths of this site are gone to", () => {
  expect(pathHere("/tickets?status=OPEN#x")).toBe("/tickets?status=OPEN#x");
  for (const elsewhere of [
    null,
    "",
    "tickets",
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "/.//elsewhere.example",
    "javascript:alert(1)",
  ])
    expect(pathHere(elsewhere), String(elsewhere)).toBeNull();
});

test("signing in does not lead to signing in", () => {
  expect(pathHere("/login")).toBeNull();
  expect(pathHere("/login?next=/login")).toBeNull();
});
