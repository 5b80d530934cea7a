// Docker inside a container with cgroup v2: its containers' limits need controllers that a cgroup hands down only when no
// process lives in it. So those that are in the container's root move to a child, as Docker's own docker-in-docker image does.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logFile } from "./paths.mjs";

const top = "/sys/fs/cgroup";

/** Does nothing on cgroup v1, and at a machine's true root (which has no cgroup.type, and may hold processes). */
export function handDownControllers() {
  if (!existsSync(join(top, "cgroup.controllers")) || !existsSync(join(top, "cgroup.type"))) return;
  try {
    const controllers = readFileSync(join(top, "cgroup.controllers"), "utf8").trim().split(" ").filter(Boolean);
    mkdirSync(join(top, "init"), { recursive: true });
    // a process may fork while it is moved
    for (let round = 0; round < 5; round += 1) {
      const pids = readFileSync(join(top, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
      if (pids.length === 0) break;
      for (const pid of pids) moveTo(join(top, "init", "cgroup.procs"), pid);
    }
    writeFileSync(join(top, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
  } catch (error) {
    // Docker may still start; its log says more
    appendFileSync(logFile("dockerd"), `cgroups are left as they are: ${error.message}\n`);
  }
}

function moveTo(file, pid) {
  try {
    writeFileSync(file, pid);
  } catch {
    // it has ended meanwhile
  }
}
