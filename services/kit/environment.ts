import { readFileSync } from "node:fs";
import { z } from "zod";
import { DOCKER_SOCKET } from "../../contract/paths";

/** A whole number in a range, such as seconds, milliseconds or a port. */
export const wholeNumber = (from: number, to: number, fallback: number) =>
  z.coerce.number().int().min(from).max(to).default(fallback);

/** The settings for Docker and Consul that both services have. */
export const commonSettings = {
  STACK: z.string().min(1),
  CONSUL_HTTP_ADDR: z.string().min(1),
  CONSUL_HTTP_TOKEN: z.string().optional(),
  CONSUL_HTTP_TOKEN_FILE: z.string().optional(),
  DOCKER_SOCKET: z.string().default(DOCKER_SOCKET),
  METRICS_HOST: z.string().default("127.0.0.1"),
};

/** Validates the environment; the error names every invalid variable with its value. An empty value counts as unset. */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Record<string, string | undefined>,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const name = issue.path.join(".");
    return `${name}=${JSON.stringify(environment[name])}: ${issue.message}`;
  });
  throw new Error(`environment: ${faults.join("; ")}`);
}

/** The Consul token: CONSUL_HTTP_TOKEN, or the content of CONSUL_HTTP_TOKEN_FILE. */
export function consulToken(settings: { CONSUL_HTTP_TOKEN?: string; CONSUL_HTTP_TOKEN_FILE?: string }) {
  if (settings.CONSUL_HTTP_TOKEN !== undefined) return settings.CONSUL_HTTP_TOKEN;
  if (settings.CONSUL_HTTP_TOKEN_FILE === undefined) return undefined;
  return readFileSync(settings.CONSUL_HTTP_TOKEN_FILE, "utf8").trim();
}
