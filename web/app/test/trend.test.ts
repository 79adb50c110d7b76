import { describe, expect, it } from "vitest";
import { line, type Sample, sampled, SPAN_MS } from "../src/pages/operator/trend";

describe("the lag of the last minutes", () => {
  it("forgets what is too old, but for how it was at the beginning", () => {
    let samples: readonly Sample[] = [];
    for (let minute = 0; minute <= 12; minute += 1) {
      samples = sampled(samples, { at: minute * 60_000, lag: minute });
    }
    expect(samples[0]).toEqual({ at: 7 * 60_000, lag: 7 });
    expect(samples.at(-1)).toEqual({ at: 12 * 60_000, lag: 12 });
  });

  it("takes no sample twice, and none out of order", () => {
    const one = sampled([], { at: 1_000, lag: 1 });
    expect(sampled(one, { at: 1_000, lag: 5 })).toBe(one);
    expect(sampled(one, { at: 999, lag: 5 })).toBe(one);
  });

  it("is a line of steps that stays in its box", () => {
    const samples = [
      { at: 0, lag: 0 },
      { at: SPAN_MS / 2, lag: 10 },
      { at: SPAN_MS, lag: 5 },
    ];
    expect(line(samples, SPAN_MS, 100, 20)).toBe("0,20 50,20 50,0 100,0 100,10 100,10");
    expect(line([{ at: -SPAN_MS, lag: 0 }], SPAN_MS, 100, 20)).toBe("0,20 100,20");
  });
});
