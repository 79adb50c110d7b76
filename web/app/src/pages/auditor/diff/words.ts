// What differs between two texts, word by word.

/** A piece of a text: in both, only in the earlier one, or only in the later one. */
export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Longer texts are not compared word by word, so that nobody waits for it. */
const CELLS_MAX = 1_000_000;

/** Words with the space behind them, so that pieces put together are the text again. */
function wordsOf(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/**
 * The pieces of both texts, in order: those that are not new make the earlier text, those that are not gone the later
 * one. What lies between a common beginning and end and is too long to compare is given as one piece of each.
 */
export function compareTexts(before: string, after: string): Piece[] {
  const from = wordsOf(before);
  const to = wordsOf(after);
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let end = 0;
  while (
    end < from.length - start &&
    end < to.length - start &&
    from[from.length - 1 - end] === to[to.length - 1 - end]
  ) {
    end += 1;
  }
  const pieces: Piece[] = [];
  for (const word of from.slice(0, start)) push(pieces, "same", word);
  middle(pieces, from.slice(start, from.length - end), to.slice(start, to.length - end));
  for (const word of from.slice(from.length - end)) push(pieces, "same", word);
  return pieces;
}

function middle(pieces: Piece[], from: readonly string[], to: readonly string[]): void {
  if (from.length * to.length > CELLS_MAX) {
    push(pieces, "gone", from.join(""));
    push(pieces, "new", to.join(""));
    return;
  }
  const common = lengths(from, to);
  const width = to.length + 1;
  let [at, other] = [0, 0];
  while (at < from.length && other < to.length) {
    if (from[at] === to[other]) {
      push(pieces, "same", from[at]!);
      at += 1;
      other += 1;
    } else if (common[(at + 1) * width + other]! >= common[at * width + other + 1]!) {
      push(pieces, "gone", from[at]!);
      at += 1;
    } else {
      push(pieces, "new", to[other]!);
      other += 1;
    }
  }
  push(pieces, "gone", from.slice(at).join(""));
  push(pieces, "new", to.slice(other).join(""));
}

/** How long the longest common subsequence of each two ends is. */
function lengths(from: readonly string[], to: readonly string[]): Uint32Array {
  const width = to.length + 1;
  const table = new Uint32Array((from.length + 1) * width);
  for (let at = from.length - 1; at >= 0; at -= 1) {
    for (let other = to.length - 1; other >= 0; other -= 1) {
      table[at * width + other] =
        from[at] === to[other]
          ? table[(at + 1) * width + other + 1]! + 1
          : Math.max(table[(at + 1) * width + other]!, table[at * width + other + 1]!);
    }
  }
  return table;
}

function push(pieces: Piece[], kind: Piece["kind"], text: string): void {
  if (text === "") return;
  const last = pieces.at(-1);
  if (last?.kind === kind) last.text += text;
  else pieces.push({ kind, text });
}
