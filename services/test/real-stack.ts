import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";
import { freePort } from "../../lab/driver/free-port";
import { removeByLabel } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { pause } from "../kit/pause";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");

/** What scripts/build.mjs makes of each service. */
const BUNDLES = {
  registrator: "images/registrator/dist/registrator.js",
  reloader: "images/consul-template/dist/reloader.js",
};

/** Runs the docker CLI and returns its output. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args);
  return stdout.trim();
}

/** Builds images/<role>, with the classic builder: every Docker CLI has it, but not BuildKit. */
export async function builtImage(role: string): Promise<string> {
  const tag = `wordpress-autoscaling/${role}:test`;
  const args = ["build", "-q", "-t", tag, "-f", join(root, `images/${role}/Dockerfile`), root];
  await run("docker", args, { env: { ...process.env, DOCKER_BUILDKIT: "0" } });
  return tag;
}
export const nginxImage = (): Promise<string> => builtImage("nginx");

/** A separate stack for one test file: everything in it carries its label, and `remove` removes it all. */
export class RealStack {
  readonly name: string;
  folder = "";
  private readonly processes: ChildProcess[] = [];

  constructor(
    kind: string,
    private readonly subnetPrefix: string,
  ) {
    this.name = `${kind}-it-${process.pid}`;
  }

  labels(role: string): string[] {
    return ["--label", `${STACK_LABEL}=${this.name}`, "--label", `${ROLE_LABEL}=${role}`];
  }

  async create(networks: string[]): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), `${this.name}-`));
    for (const [index, role] of networks.entries()) {
      const subnet = `${this.subnetPrefix}.${index + 1}.0/24`;
      await docker("network", "create", ...this.labels(role), "--subnet", subnet, `${this.name}-${role}`);
    }
  }

  /** Starts Consul on the first network, without a disk, so a restart wipes it. Returns the address of its API. */
  async consul(role: string): Promise<string> {
    const host = `${this.subnetPrefix}.1.10`;
    const where = ["--network", `${this.name}-${role}`, "--ip", host];
    const agent = ["hashicorp/consul:1.19.2", "agent", "-dev", "-client", "0.0.0.0", "-log-level", "warn"];
    await docker("run", "-d", "--name", `${this.name}-consul`, ...this.labels("consul"), ...where, ...agent);
    const address = `http://${host}:8500`;
    await until("consul has a leader", async () => {
      const leader = await (await fetch(`${address}/v1/status/leader`)).text();
      return leader.length > 2;
    });
    return address;
  }

  /** Runs the bundle of a service on this host, as its container would. */
  async service(name: keyof typeof BUNDLES, env: Record<string, string>): Promise<Service> {
    await run(process.execPath, [join(root, "scripts/build.mjs")]);
    const port = await freePort();
    const bundle = join(root, BUNDLES[name]);
    const child = spawn(process.execPath, ["--max-old-space-size=32", "--max-semi-space-size=1", bundle], {
      env: { PATH: process.env.PATH, STACK: this.name, METRICS_PORT: String(port), ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.processes.push(child);
    const service = new Service(child, port);
    await until(`${name} has started`, () => service.loggedAt("started") !== undefined);
    return service;
  }

  /** Collects Docker's events of this stack's containers as they come (Docker itself keeps only the last 256 of the host). */
  async events(): Promise<{ action: string; atMs: number }[]> {
    const seen: { action: string; atMs: number }[] = [];
    const args = ["events", "--filter", `label=${STACK_LABEL}=${this.name}`, "--format", "{{.TimeNano}} {{.Action}}"];
    const child = spawn("docker", args, { stdio: ["ignore", "pipe", "inherit"] });
    this.processes.push(child);
    createInterface(child.stdout).on("line", (line) => {
      const [nano, action = ""] = line.split(" ");
      seen.push({ action: action.replace(":", ""), atMs: Number(nano) / 1e6 });
    });
    // The CLI does not say when it has begun to listen.
    await pause(500);
    return seen;
  }

  async remove(): Promise<void> {
    for (const child of this.processes) child.kill("SIGKILL");
    await removeByLabel(this.name);
    if (this.folder !== "") await rm(this.folder, { recursive: true, force: true });
  }
}

/** A running service and its log lines. */
export class Service {
  readonly lines: Record<string, unknown>[] = [];

  constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    if (child.stdout === null) throw new Error("a service's output must be piped");
    createInterface(child.stdout).on("line", (line) => this.lines.push(JSON.parse(line) as Record<string, unknown>));
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async end(): Promise<number | null> {
    const exited = once(this.child, "exit");
    this.child.kill("SIGTERM");
    const [code] = (await exited) as [number | null];
    return code;
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
  }

  /** When a line with this message and these fields was logged, in ms; undefined: not yet. */
  loggedAt(message: string, fields: Record<string, unknown> = {}, afterMs = 0): number | undefined {
    const wanted = Object.entries({ message, ...fields });
    const line = this.lines.find(
      (one) => wanted.every(([key, value]) => one[key] === value) && Date.parse(String(one.time)) >= afterMs,
    );
    return line === undefined ? undefined : Date.parse(String(line.time));
  }
}
