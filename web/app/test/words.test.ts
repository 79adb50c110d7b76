import { describe, expect, it } from "vitest";
import { compareTexts } from "../src/pages/auditor/diff/words";
import { localOf, momentOf, timeOf, written } from "../src/pages/auditor/moment";

const earlier = (from: string, to: string) =>
  compareTexts(from, to)
    .filter(({ kind }) => kind !== "new")
    .map(({ text }) => text)
    .join("");
const later = (from: string, to: string) =>
  compareTexts(from, to)
    .filter(({ kind }) => kind !== "gone")
    .map(({ text }) => text)
    .join("");

describe("compareTexts", () => {
  it("finds the words that differ", () => {
    expect(compareTexts("the printer burns", "the new printer smokes")).toEqual([
      { kind: "same", text: "the " },
      { kind: "new", text: "new " },
      { kind: "same", text: "printer " },
      { kind: "gone", text: "burns" },
      { kind: "new", text: "smokes" },
    ]);
  });

  it("says that nothing differs", () => {
    expect(compareTexts("so it is", "so it is")).toEqual([{ kind: "same", text: "so it is" }]);
    expect(compareTexts("", "")).toEqual([]);
  });

  it("gives both texts back, whatever they are", () => {
    const alphabet = ["a", "b", " ", "\n", "ü", "🖨️", "الطابعة", ".", "  "];
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647);
    const any = () =>
      Array.from({ length: random() % 30 }, () => alphabet[random() % alphabet.length]).join("");
    for (let time = 0; time < 500; time += 1) {
      const [from, to] = [any(), any()];
      expect(earlier(from, to)).toBe(from);
      expect(later(from, to)).toBe(to);
    }
  });

  it("is quick with texts that have nothing in common and are as long as may be", () => {
    const from = "a ".repeat(32_000);
    const to = "b ".repeat(32_000);
    const began = performance.now();
    expect(earlier(from, to)).toBe(from);
    expect(later(from, to)).toBe(to);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("a moment", () => {
  it("is a position or a time, and is written as it is read", () => {
    expect(momentOf("42")).toEqual({ kind: "position", position: 42 });
    expect(written(momentOf("42"))).toBe("42");
    expect(written(momentOf("2026-11-24T14:05:00+02:00"))).toBe("2026-11-24T12:05:00.000Z");
  });

  it("is none if it is none", () => {
    expect([null, "", "yesterday", "99999999999999999999"].map((text) => momentOf(text).kind)).toEqual([
      "none",
      "none",
      "none",
      "none",
    ]);
    expect(written(momentOf(null))).toBeUndefined();
  });

  it("goes into a field and comes out of it", () => {
    const time = "2026-11-24T12:05:09.000Z";
    expect(timeOf(localOf(time))).toBe(time);
    expect(timeOf("")).toBeNull();
  });
});
