import { expect, test } from "vitest";
import { progressOfEach } from "@/lib/upload";

test("files go out one behind the other", () => {
  const sizes = [100, 300, 100];
  expect(progressOfEach(sizes, { sent: 0, total: 540 })).toEqual([0, 0, 0]);
  expect(progressOfEach(sizes, { sent: 40, total: 540 })).toEqual([0, 0, 0]);
  expect(progressOfEach(sizes, { sent: 290, total: 540 })).toEqual([1, 0.5, 0]);
  expect(progressOfEach(sizes, { sent: 540, total: 540 })).toEqual([1, 1, 1]);
});

test("an empty file is there with the whole form", () => {
  expect(progressOfEach([0, 10], { sent: 5, total: 20 })).toEqual([0, 0]);
  expect(progressOfEach([0, 10], { sent: 20, total: 20 })).toEqual([1, 1]);
});
