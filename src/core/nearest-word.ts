/** The word closest to a mistyped one, for "did you mean". */

/**
 * Most edits (insert, delete, replace, swap of neighbours) of a useful suggestion: `good` is no typing error for
 * `load`.
 */
function editsMax(length: number): number {
  if (length < 2) return 0;
  return length < 6 ? 1 : length < 10 ? 2 : 3;
}

/** The candidate with the fewest edits, if they are within the limit; otherwise `null`. */
export function nearestWord(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestEdits = editsMax(word.length) + 1;
  for (const candidate of candidates) {
    if (candidate.length === 0 || Math.abs(candidate.length - word.length) >= bestEdits) continue;
    const edits = countEdits(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, or an empty text: to be appended to a sentence. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = nearestWord(word, candidates);
  return nearest === null ? '' : ` Did you mean "${nearest}"?`;
}

/** Optimal string alignment distance, three rows at a time. */
function countEdits(from: string, to: string): number {
  let twoAgo: number[] = [];
  let oneAgo = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let edits = Math.min(
        (oneAgo[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (oneAgo[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) edits = Math.min(edits, (twoAgo[column - 2] ?? 0) + 1);
      now.push(edits);
    }
    twoAgo = oneAgo;
    oneAgo = now;
  }
  return oneAgo[to.length] ?? 0;
}
