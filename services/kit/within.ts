/**
 * Rejects when the promise does not settle in time. The operation itself continues: if it holds a connection or a process, it
 * needs a timeout of its own.
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
