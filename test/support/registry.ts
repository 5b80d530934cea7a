/** A registry of images, and a Docker engine of its own that has it as the mirror of docker.io: the path of most users, on this machine alone. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { STACK_LABEL } from "../../contract/labels";
import { freePort } from "../../lab/driver/free-port";
import { until } from "../../lab/driver/until";

/** The network that lends the second engine its bridge, and that bridge's name on the host. */
const NETWORK = "test-registry";
const BRIDGE = "wa-registry0";

const asRoot = (command: string, args: string[]): [string, string[]] =>
  process.getuid?.() === 0 ? [command, args] : ["sudo", ["-n", command, ...args]];

export class Registry implements AsyncDisposable {
  private readonly processes: ChildProcess[] = [];
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "registry-"));
  private port = 0;

  private constructor() {
    fs.chmodSync(this.folder, 0o755);
  }

  static async start(): Promise<Registry> {
    const registry = new Registry();
    try {
      registry.port = await freePort();
      const config = registry.write(
        "config.yml",
        `version: 0.1\nstorage: { filesystem: { rootdirectory: ${registry.folder}/images } }\nhttp: { addr: "127.0.0.1:${registry.port}" }\n`,
      );
      await registry.run("registry", registryProgram(registry.folder), ["serve", config], async () => {
        return (await fetch(`http://127.0.0.1:${registry.port}/v2/`)).ok;
      });
      return registry;
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Pushes a small image under a tag of docker.io, by the engine that the tests use. */
  push(tag: string): void {
    const name = `127.0.0.1:${this.port}/${tag.includes("/") ? tag : `library/${tag}`}`;
    const content = this.write("content", `stands for ${tag}\n`);
    const archive = path.join(this.folder, "content.tar");
    execFileSync("tar", ["-C", this.folder, "-cf", archive, path.basename(content)]);
    execFileSync("docker", ["import", archive, name], { stdio: "pipe" });
    try {
      execFileSync("docker", ["push", name], { stdio: "pipe" });
    } finally {
      execFileSync("docker", ["image", "rm", name], { stdio: "pipe" });
    }
  }

  /**
   * Starts an engine that has nothing yet; runs no container, and touches neither the network nor the other engine. It is given a bridge of
   * its own: one without any would remove the host's docker0, on which the other engine builds. @returns its DOCKER_HOST
   */
  async engine(): Promise<string> {
    const options = ["--label", `${STACK_LABEL}=${NETWORK}`, "--opt", `com.docker.network.bridge.name=${BRIDGE}`];
    execFileSync("docker", ["network", "create", ...options, NETWORK], { stdio: "pipe" });
    const at = (name: string): string => path.join(this.folder, name);
    const host = `unix://${at("docker.sock")}`;
    const [command, args] = asRoot("dockerd", [
      ...["--host", host, "--group", String(process.getgid?.() ?? 0), "--pidfile", at("docker.pid")],
      ...["--data-root", at("data"), "--exec-root", at("exec"), "--config-file", this.write("daemon.json", "{}")],
      ...["--containerd-namespace", "registry-test", "--containerd-plugins-namespace", "registry-test-plugins"],
      ...["--bridge", BRIDGE, "--iptables=false", "--ip-forward=false", "--ip-masq=false"],
      ...["--registry-mirror", `http://127.0.0.1:${this.port}`],
    ]);
    await this.run("dockerd", command, args, () => {
      execFileSync("docker", ["version"], { env: { ...process.env, DOCKER_HOST: host }, stdio: "pipe" });
      return Promise.resolve(true);
    });
    return host;
  }

  /** Paths that the registry was asked for. */
  get asked(): string {
    return fs.readFileSync(path.join(this.folder, "registry.log"), "utf8");
  }

  private write(name: string, text: string): string {
    fs.writeFileSync(path.join(this.folder, name), text);
    return path.join(this.folder, name);
  }

  /** Starts a process and waits until it answers; its last words are in the error where it ends instead. */
  private async run(name: string, command: string, args: string[], answers: () => Promise<boolean>): Promise<void> {
    const log = path.join(this.folder, `${name}.log`);
    const file = fs.openSync(log, "a");
    const child = spawn(command, args, { stdio: ["ignore", file, file] });
    fs.closeSync(file);
    this.processes.push(child);
    const failed = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code) =>
        reject(new Error(`${name} ended with ${code}:\n${fs.readFileSync(log, "utf8").slice(-3000)}`)),
      );
    });
    failed.catch(() => undefined);
    await Promise.race([until(`${name} answers`, answers), failed]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      execFileSync(...asRoot("kill", [String(child.pid)]));
      await ended;
    }
    const left = execFileSync("docker", ["network", "ls", "--quiet", "--filter", `name=^${NETWORK}$`], {
      encoding: "utf8",
    });
    if (left.trim() !== "") execFileSync("docker", ["network", "rm", NETWORK], { stdio: "pipe" });
    execFileSync(...asRoot("rm", ["-rf", "--one-file-system", this.folder]));
  }
}

/** Debian's docker-registry: installed, or unpacked from its package, which would start a service. */
function registryProgram(folder: string): string {
  const installed = ["/usr/bin/docker-registry", "/usr/bin/registry"].find((file) => fs.existsSync(file));
  if (installed !== undefined) return installed;
  const download = (): unknown =>
    execFileSync("apt-get", ["download", "docker-registry"], { cwd: folder, stdio: "pipe" });
  try {
    download();
  } catch {
    // A machine that never fetched the lists of packages.
    execFileSync(...asRoot("apt-get", ["update", "-q"]), { stdio: "pipe" });
    download();
  }
  const [deb = ""] = fs.readdirSync(folder).filter((name) => name.endsWith(".deb"));
  execFileSync("dpkg", ["-x", deb, "unpacked"], { cwd: folder });
  return path.join(folder, "unpacked/usr/bin/docker-registry");
}
