import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { callScript } from "../driver/script-call";
import { docker } from "../driver/stack";
import { until } from "../driver/until";

const PID_FILE = "/var/run/docker.pid";

/** Restarts this host's Docker daemon by the means that started it: systemd, or the set-up's own. */
export async function restartDaemon(): Promise<void> {
  if (existsSync("/run/systemd/system")) {
    await run("systemctl", ["restart", "docker"]);
  } else {
    const pid = Number(readFileSync(PID_FILE, "utf8"));
    process.kill(pid, "SIGTERM");
    await until("the daemon has ended", () => Promise.resolve(!existsSync(`/proc/${pid}`)), { limitMs: 90_000 });
    const { error } = await callScript("docker.mjs", "ensureDocker");
    if (error !== undefined) throw new Error(error);
  }
  await until("the daemon answers", async () => (await docker.ping()) !== undefined, { limitMs: 90_000 });
}

function run(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code ?? "a signal"}`));
    });
  });
}
