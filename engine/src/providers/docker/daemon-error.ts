/** What the daemon answers when it refuses. */
import { z } from "zod";

const answer = z.object({
  statusCode: z.number().optional(),
  json: z.object({ message: z.string() }).optional().nullable().catch(null),
});

/** The daemon's own words, without dockerode's wrapping. */
export function daemonMessage(error: unknown): string {
  const parsed = answer.safeParse(error);
  const own = parsed.success ? parsed.data.json?.message : undefined;
  return own ?? (error instanceof Error ? error.message : String(error));
}

const hasStatus = (error: unknown, status: number): boolean => answer.safeParse(error).data?.statusCode === status;

export const isNotFound = (error: unknown): boolean => hasStatus(error, 404);
export const isConflict = (error: unknown): boolean => hasStatus(error, 409);
/** The daemon says that there was nothing to change (already started, already stopped). */
export const isNotModified = (error: unknown): boolean => hasStatus(error, 304);

/** @returns the value, or undefined when the daemon says that there is no such thing. */
export async function ifFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
