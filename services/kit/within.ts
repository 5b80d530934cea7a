/**
 * Rejects when there is no answer in time.
 * What was asked goes on: it needs a limit of its own wherever it holds a connection or a process.
 */
export async function within<T>(limitMs: number, what: string, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
