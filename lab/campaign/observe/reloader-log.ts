import { z } from "zod";

const line = z.object({
  time: z.string(),
  message: z.string(),
  members: z.array(z.string()).optional(),
  tookMs: z.number().optional(),
});
/** What the reloader wrote: `current` names the members of a checked configuration, `serving` says how long nginx took to follow. */
export type ReloaderLine = z.infer<typeof line>;

/** The reloader's own lines since then. The frame headers of Docker's log, and what others wrote, are skipped. */
export function reloaderLines(log: string, sinceMs: number): ReloaderLine[] {
  return log.split("\n").flatMap((text) => {
    const start = text.indexOf('{"time"');
    if (start < 0) return [];
    const parsed = line.safeParse(JSON.parse(text.slice(start)));
    return parsed.success && Date.parse(parsed.data.time) >= sinceMs ? [parsed.data] : [];
  });
}
