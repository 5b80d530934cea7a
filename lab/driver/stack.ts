/**
 * A real stack on a name, subnets and ports of its own, driven as a user drives it: through `npm run pulumi`'s script. Its state and
 * configuration lie in a temporary folder; `await using` destroys and purges it.
 */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import Docker from "dockerode";
import { type Applied, appliedKey } from "../../contract/consul-kv";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";
import { Site } from "./site";
import { until } from "./until";

export const docker = new Docker();
const root = path.resolve(__dirname, "../..");

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** stdout and stderr as a terminal shows them. */
  output: string;
}

export interface Outputs {
  url: string;
  replicas: number;
  consulUrl: string;
  adminUser: string;
  adminPassword: string;
  containers: Record<string, string[]>;
}

/** How a command is cut short: the signal goes to its whole process group when `at` is aborted. */
export interface Cut {
  at: AbortSignal;
  signal: "SIGINT" | "SIGKILL";
}

export type ContainerInfo = Docker.ContainerInspectInfo;

export class TestStack implements AsyncDisposable {
  readonly site: Site;
  readonly httpPort: number;
  readonly consulPort: number;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;

  private constructor(
    readonly name: string,
    /** 0 to 30: decides ports and subnets. */
    readonly slot: number,
    /** The program's folder. */
    readonly program: string,
  ) {
    this.httpPort = 18100 + 2 * slot;
    this.consulPort = this.httpPort + 1;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
    this.site = new Site(this.httpPort);
    this.env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.folder}`,
      PULUMI_CONFIG_PASSPHRASE: `passphrase of ${name}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    delete this.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  }

  /** Makes the stack and sets its dials; nothing is deployed yet. Leftovers of an earlier run that was cut short are removed first. */
  static async create(
    name: string,
    slot: number,
    dials: Record<string, string> = {},
    {
      engine,
      program = root,
      dials: kind = "test",
    }: {
      /** "embedded" or "cli". @default what the set-up chose */
      engine?: string;
      /** The program's folder. @default this checkout */
      program?: string;
      /** "shipped": a dial that is not given has the value of a fresh stack. @default "test": pages name their replica, and drains are short */
      dials?: "test" | "shipped";
    } = {},
  ): Promise<TestStack> {
    await removeByLabel(name);
    const stack = new TestStack(name, slot, program);
    if (engine !== undefined) stack.env.PULUMI_ENGINE = engine;
    fs.rmSync(stack.configFile, { force: true });
    await stack.run("stack", "init", name);
    const all = {
      httpPort: String(stack.httpPort),
      consulPort: String(stack.consulPort),
      frontendSubnet: `10.220.${slot * 8}.0/24`,
      backendSubnet: `10.220.${slot * 8 + 1}.0/24`,
      controlSubnet: `10.220.${slot * 8 + 2}.0/24`,
      ...(kind === "test" && { exposeUpstream: "true", keepaliveMinSeconds: "2", drainSeconds: "3" }),
      ...dials,
    };
    for (const [key, value] of Object.entries(all)) await stack.set(key, value);
    return stack;
  }

  /** Where both engines keep the stack's configuration: in the program's folder. */
  get configFile(): string {
    return path.join(this.program, `Pulumi.${this.name}.yaml`);
  }
  get stateFile(): string {
    return path.join(this.folder, ".pulumi/stacks/wordpress-autoscaling", `${this.name}.json`);
  }

  /** Runs Pulumi's grammar on this stack, and returns whatever the outcome is. */
  try(args: string[], options: { env?: NodeJS.ProcessEnv; cut?: Cut } = {}): Promise<Ran> {
    return runScript(
      "pulumi.mjs",
      ["-C", this.program, "--stack", this.name, "--non-interactive", ...args],
      { ...this.env, ...options.env },
      options.cut,
    );
  }
  /** The same, which has to succeed. */
  async run(...args: string[]): Promise<Ran> {
    // `stack init NAME` takes no --stack.
    const ran =
      args[0] === "stack" && args[1] === "init"
        ? await runScript("pulumi.mjs", ["-C", this.program, ...args], this.env)
        : await this.try(args);
    if (ran.code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${ran.code}:\n${ran.output}`);
    return ran;
  }

  set = (key: string, value: string): Promise<Ran> => this.run("config", "set", key, "--", value);
  up = (): Promise<Ran> => this.run("up", "--yes", "--skip-preview");

  async scale(replicas: number): Promise<Ran> {
    await this.set("wordpressReplicas", String(replicas));
    return this.up();
  }

  async outputs(): Promise<Outputs> {
    const { stdout } = await this.run("stack", "output", "--json", "--show-secrets");
    return JSON.parse(stdout) as Outputs;
  }

  /** The stack's containers, oldest first, stopped ones included. */
  async containers(role?: string): Promise<ContainerInfo[]> {
    const label = [`${STACK_LABEL}=${this.name}`, ...(role === undefined ? [] : [`${ROLE_LABEL}=${role}`])];
    const found = await docker.listContainers({ all: true, filters: { label } });
    const inspected = await Promise.all(found.map(({ Id }) => docker.getContainer(Id).inspect()));
    return inspected.sort((a, b) => (a.Created < b.Created ? -1 : 1));
  }
  async container(role: string): Promise<ContainerInfo> {
    const [first] = await this.containers(role);
    if (first === undefined) throw new Error(`stack ${this.name} has no container of role ${role}`);
    return first;
  }

  /** What is routed, from Consul's key-value store, as the control plane last acknowledged it. */
  async applied(): Promise<Applied | undefined> {
    const url = `http://127.0.0.1:${this.consulPort}/v1/kv/${appliedKey(this.name)}?raw`;
    const answer = await fetch(url).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as Applied) : undefined;
  }

  /**
   * The names of the replicas that answer `count` requests at once, asked when no older worker of nginx is left: nginx lets those
   * accept for 100 ms after the new ones have answered, and they know the replicas of before.
   */
  async servedBy(count = 20): Promise<string[]> {
    await until("no older worker of nginx is left", async () => (await this.applied())?.retired);
    return this.site.servedBy(count);
  }

  async destroy(): Promise<Ran> {
    return this.run("destroy", "--yes", "--skip-preview");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeByLabel(this.name);
    fs.rmSync(this.configFile, { force: true });
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a script of scripts/ and returns whatever the outcome is. */
export function runScript(
  script: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
  cut?: Cut,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, "scripts", script), ...args], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own, as a terminal gives it: what cuts it short hits the engine below the script as well.
      detached: true,
    });
    const ran: Ran = { code: 0, stdout: "", stderr: "", output: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      ran.stdout += text;
      ran.output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      ran.stderr += text;
      ran.output += text;
    });
    cut?.at.addEventListener("abort", () => process.kill(-(child.pid ?? 0), cut.signal));
    child.once("error", reject);
    child.once("close", (code) => resolve({ ...ran, code: code ?? 1 }));
  });
}

/** Runs a command of ops/ as `npm run` does, and returns whatever the outcome is. */
export const runOps = (command: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> =>
  runScript("run.mjs", [`ops/${command}`, ...args], env);

/** Removes whatever carries the stack's label: containers, networks, volumes. */
export async function removeByLabel(stack: string): Promise<void> {
  const filters = { label: [`${STACK_LABEL}=${stack}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true }).catch(ignoreGone)),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove().catch(ignoreGone)));
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.all(Volumes.map(({ Name }) => docker.getVolume(Name).remove().catch(ignoreGone)));
}

/** From now on, an interrupt of this process removes the stack before the process ends. */
export function removeWhenInterrupted(stack: string): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void removeByLabel(stack).finally(() => process.exit(1)));
  }
}

/** Somebody else was quicker: 404, or 409 while a removal is under way. */
function ignoreGone(error: unknown): void {
  const status = (error as { statusCode?: number }).statusCode;
  if (status !== 404 && status !== 409) throw error;
}

/** The output of a command in a running container, and its exit code. */
export async function execIn(containerId: string, command: string[]): Promise<{ code: number; output: string }> {
  const exec = await docker
    .getContainer(containerId)
    .exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  let output = "";
  for await (const text of stream.setEncoding("utf8")) output += text as string;
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? 0, output };
}
