import { expect, test } from "vitest";
import { named, sift } from "@/lib/files";

const file = (name: string, size: number, lastModified = 1) =>
  new File(["x".repeat(size)], name, { lastModified, type: "text/plain" });

test("what is empty, too large, one too many or too much is refused, and the rest taken", () => {
  const limits = { bytes: 100, count: 3, totalBytes: 150 };
  const present = [file("a", 60)];
  const more = [
    file("empty", 0),
    file("large", 101),
    file("b", 60),
    file("c", 60),
    file("d", 10),
    file("e", 1),
  ];
  const { taken, refused } = sift(present, more, limits);
  expect(taken.map(({ name }) => name)).toEqual(["b", "d"]);
  expect(refused.map(({ name, why }) => [name, why])).toEqual([
    ["empty", "empty"],
    ["large", "tooLarge"],
    ["c", "tooMuch"],
    ["e", "tooMany"],
  ]);
});

test("the same file twice is taken once, and two of one name are two", () => {
  const limits = { bytes: null };
  const { taken, refused } = sift([file("a", 5)], [file("a", 5), file("a", 5, 2), file("a", 6)], limits);
  expect(taken).toHaveLength(2);
  expect(refused).toEqual([]);
});

test("a pasted picture has the moment in its name, and a file its own", () => {
  const now = new Date(2026, 0, 5, 14, 3, 9);
  const picture = new File(["x"], "image.png", { type: "image/png" });
  expect(named(picture, now).name).toBe("pasted 2026-01-05 14.03.09.png");
  expect(named(picture, now).type).toBe("image/png");
  expect(named(file("plan.png", 1), now).name).toBe("plan.png");
});
