/** Polls until `probe` returns something other than undefined, null or false, and returns that; the limit is one that only a hang reaches. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false>,
  { limitMs = 300_000, pauseMs = 200 }: { limitMs?: number; pauseMs?: number } = {},
): Promise<T> {
  const end = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(
        `after ${limitMs / 1000} s still not: ${what}${last === undefined ? "" : ` (${last instanceof Error ? last.message : JSON.stringify(last)})`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
