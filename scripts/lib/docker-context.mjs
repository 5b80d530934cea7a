// Which engine the user's `docker` speaks to, for programs that do not know Docker's contexts.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";

/** The address behind a context that is not the default one (Docker Desktop, colima, a remote host), else undefined. */
export async function contextHost(env = process.env) {
  if (env.DOCKER_HOST) return undefined;
  const name = env.DOCKER_CONTEXT || currentContext(env);
  if (!name || name === "default") return undefined;
  const args = ["context", "inspect", name, "--format", "{{.Endpoints.docker.Host}}"];
  const answer = await run("docker", args).catch(() => undefined);
  return answer?.code === 0 ? answer.stdout.trim() || undefined : undefined;
}

function currentContext(env) {
  try {
    const folder = env.DOCKER_CONFIG || join(homedir(), ".docker");
    return JSON.parse(readFileSync(join(folder, "config.json"), "utf8")).currentContext;
  } catch {
    return undefined;
  }
}
