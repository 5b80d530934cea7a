// A Docker engine: whichever `docker` already reaches, else (as root, on Debian and its kin) the distribution's own.
import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { handDownControllers } from "./cgroups.mjs";
import { contextHost } from "./docker-context.mjs";
import { logFile, stateDir } from "./paths.mjs";
import { must, run, succeeds, tail } from "./run.mjs";
import { waitFor } from "./steps.mjs";

/**
 * The pid of a daemon that the set-up itself started; .ci/run removes it at its begin, and at its end stops that daemon, and no other.
 * A set-up that finds a daemon running leaves it alone: it may be the second one of the same run.
 */
const startedPidFile = join(stateDir, "dockerd.pid");

/** The engine's version when `docker` reaches one, else undefined. */
export async function reachedEngine() {
  const answer = await run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 15_000 }).catch(
    () => undefined,
  );
  return answer?.code === 0 ? answer.stdout.trim() : undefined;
}

/** Makes sure that an engine answers; returns a word on how, for the step's line. */
export async function ensureDocker(say = () => undefined) {
  const present = await reachedEngine();
  if (present) return `${present}, already running`;
  await refuseWhereWeCannotHelp();
  const installed = await installPackages(say);
  const how = await startDaemon(say);
  const driver = (await run("docker", ["info", "--format", "{{.Driver}}"])).stdout.trim();
  const slow =
    driver === "vfs" ? ", with storage driver vfs: no overlay file system here, so images take much room" : "";
  return `${await reachedEngine()}, ${installed ? "installed and " : ""}started ${how}${slow}`;
}

const ownSocket = "unix:///var/run/docker.sock";

async function refuseWhereWeCannotHelp() {
  const cli = await succeeds("docker", ["--version"]);
  const target = [process.env.DOCKER_HOST || (await contextHost())].find((host) => host && host !== ownSocket);
  // An engine elsewhere, or Docker Desktop's: installing one here would not be what was meant.
  if (target) throw new Error(`No Docker engine answers at ${target}. Start it, or unset DOCKER_HOST / the context.`);
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) {
    throw new Error(
      cli
        ? "Docker's engine does not answer. Start it (Docker Desktop, or `sudo systemctl start docker`) and run this again."
        : "Docker is not installed. Install Docker Engine 20.10 or newer (https://docs.docker.com/engine/install/) and run this again.",
    );
  }
  if (process.getuid() !== 0) {
    throw new Error(
      cli && existsSync("/var/run/docker.sock")
        ? "Docker's engine does not answer to this user. Add it to the group docker (`sudo usermod -aG docker $USER`, then log in again), or run this as root."
        : "Docker is not installed or not running. Run `sudo apt-get install docker.io` (on Debian 13 also docker-cli), or run this as root once: it does the same.",
    );
  }
}

const installable = async (name) => /Candidate: (?!\(none\))/.test((await run("apt-cache", ["policy", name])).stdout);

/** Debian 12 has the client inside docker.io; from Debian 13 on it is a package of its own. */
async function installPackages(say) {
  const hasDaemon = await succeeds("dockerd", ["--version"]);
  const hasClient = await succeeds("docker", ["--version"]);
  if (hasDaemon && hasClient) return false;
  const log = logFile("docker-install");
  say("apt-get update");
  await must("apt-get", ["update", "-q"], { log, timeoutMs: 300_000 });
  // `docker top`, by which the reloader sees nginx's old workers end, runs the host's ps.
  const wanted = ["docker.io", "docker-cli", "iptables", "ca-certificates", "procps"];
  const names = [];
  for (const name of wanted) if (await installable(name)) names.push(name);
  say(`apt-get install ${names.join(" ")}`);
  // What docker.io merely recommends (git, apparmor, ...) is not needed; what is, is named above.
  const args = ["install", "-y", "-q", "--no-install-recommends", "-o", "Dpkg::Lock::Timeout=120", ...names];
  await must("apt-get", args, {
    log,
    timeoutMs: 900_000,
    env: { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" },
  });
  return true;
}

/**
 * Starts the daemon by the machine's own means, else as a process of its own, and waits until it answers.
 * INVARIANT: at most one way is under way at a time, so that two daemons never race for /var/run/docker.pid.
 */
async function startDaemon(say) {
  const booted = existsSync("/run/systemd/system");
  const ways = [
    // the package's installation may have started it, or be about to
    { how: "by its package", start: async () => existsSync("/var/run/docker.pid"), limitMs: 30_000 },
    { how: "by systemd", start: () => booted && succeeds("systemctl", ["enable", "--now", "docker"]), limitMs: 60_000 },
    {
      how: "by its service",
      start: () => !booted && existsSync("/etc/init.d/docker") && succeeds("service", ["docker", "start"]),
      limitMs: 20_000,
    },
    { how: "as a process of its own", start: spawnDaemon, limitMs: 60_000 },
    { how: "with legacy iptables", start: spawnWithLegacyIptables, limitMs: 60_000 },
  ];
  for (const { how, start, limitMs } of ways) {
    say(`starting ${how}`);
    if (!(await start())) continue;
    const up = await waitFor(reachedEngine, { limitMs: daemonAlive() ? limitMs : 3_000 });
    if (up) {
      recordPid();
      return how;
    }
    stopOurs();
  }
  const log = [logFile("dockerd"), "/var/log/docker.log"].find((path) => tail(path));
  throw new Error(
    `Docker's daemon does not start. Its last words${log ? `, from ${log}` : ""}:\n${log ? tail(log, 15) : "    (none)"}`,
  );
}

function daemonPid() {
  try {
    const pid = Number(readFileSync("/var/run/docker.pid", "utf8"));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

const daemonAlive = () => daemonPid() !== undefined || ours !== undefined;

function recordPid() {
  const pid = daemonPid();
  if (!pid) return;
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(startedPidFile, `${pid}\n`);
}

let ours;

/** dockerd on its own, outliving this script, its output in a log. */
async function spawnDaemon() {
  if (daemonPid()) return true;
  rmSync("/var/run/docker.pid", { force: true });
  handDownControllers();
  const log = openSync(logFile("dockerd"), "a");
  ours = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log], cwd: "/" });
  closeSync(log);
  const child = ours;
  child.on("error", () => (ours = undefined));
  child.on("exit", () => ours === child && (ours = undefined));
  child.unref();
  return true;
}

function stopOurs() {
  if (ours) process.kill(ours.pid, "SIGTERM");
}

/** A kernel without nf_tables: the other iptables may work. Only where it does, and the present one does not. */
async function spawnWithLegacyIptables() {
  const broken = !(await succeeds("iptables", ["-t", "nat", "-L", "-n"]));
  if (!broken || !(await succeeds("iptables-legacy", ["-t", "nat", "-L", "-n"]))) return false;
  await waitFor(async () => !daemonPid(), { limitMs: 15_000 });
  for (const name of ["iptables", "ip6tables"])
    await run("update-alternatives", ["--set", name, `/usr/sbin/${name}-legacy`]);
  appendFileSync(logFile("dockerd"), "\n--- again, with legacy iptables ---\n");
  return spawnDaemon();
}
