/** " (did you mean max?)" if a known key differs only in case or by at most two letters (fewer than its length); else "". */
export function suggestion(key: string, known: readonly string[]): string {
  const near = known.find((one) => {
    const letters = distance(one, key);
    return one.toLowerCase() === key.toLowerCase() || (letters <= 2 && letters < one.length);
  });
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
