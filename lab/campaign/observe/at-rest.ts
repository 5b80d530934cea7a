import { z } from "zod";

const status = z.object({
  agree: z.boolean(),
  wanted: z.number(),
  replicas: z.array(z.unknown()),
});

/** Whether `npm run status -- --json` shows that many replicas, each of them wanted, healthy, registered and routed, and nothing else. */
export function isAtRest(text: string, replicas: number): boolean {
  if (!text.startsWith("{")) return false;
  const found = status.safeParse(JSON.parse(text)).data;
  return found?.agree === true && found.wanted === replicas && found.replicas.length === replicas;
}
