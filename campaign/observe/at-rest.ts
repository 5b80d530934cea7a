import { z } from "zod";

const status = z.object({
  problems: z.array(z.string()),
  rows: z.array(z.object({ docker: z.string(), consul: z.string(), nginx: z.string() })),
});

/**
 * Whether `npm run status -- --json` shows that many replicas, each of them healthy, registered and routed, and nothing else. (No problem
 * alone is not enough: a replica that is still starting is none.)
 */
export function isAtRest(text: string, replicas: number): boolean {
  if (!text.startsWith("{")) return false;
  const { problems, rows } = status.parse(JSON.parse(text));
  return (
    problems.length === 0 &&
    rows.length === replicas &&
    rows.every((row) => row.docker === "running, healthy" && row.consul === "passing" && row.nginx !== "not routed")
  );
}
