/** A provider against the real Docker engine: a tiny image without registry, and nothing left behind. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import type { Attempt, DiffResult, JsonObject, Provider, ReadResult } from "@wordpress-autoscaling/engine/src/provider";
import { dockerProvider } from "@wordpress-autoscaling/engine/src/providers/docker";
import * as tar from "tar-stream";

export const CONTAINER = "docker:index/container:Container";
export const NETWORK = "docker:index/network:Network";
export const VOLUME = "docker:index/volume:Volume";
export const IMAGE = "docker:index/remoteImage:RemoteImage";

/** On everything that a test makes. */
export const LABEL = "engine-test";
export const labels = [{ label: LABEL, value: String(process.pid) }];
export const BASE = `engine-test:base-${process.pid}`;

export const docker = new Docker();

/** What a program's resource is after its creation. */
export interface Made {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

export class Fixture {
  /** The program's folder. */
  readonly folder = mkdtempSync(join(tmpdir(), "engine-test-"));
  /** What the provider said, as "severity: message". */
  readonly log: string[] = [];
  readonly provider: Provider = dockerProvider({
    log: (severity, message) => this.log.push(`${severity}: ${message}`),
    programFolder: this.folder,
  });
  private counter = 0;

  static async start(): Promise<Fixture> {
    const fixture = new Fixture();
    await fixture.provider.configure({});
    await importBase();
    return fixture;
  }

  /** A name that no other test run has. */
  name(word: string): string {
    return `engine-test-${process.pid}-${++this.counter}-${word}`;
  }

  private request(made: Made) {
    return { urn: `urn::${made.name}`, type: made.type, name: made.name, id: made.id };
  }

  async check(type: string, news: JsonObject, olds?: JsonObject): Promise<JsonObject> {
    const request = { urn: "u", type, name: "engine-test", news, randomSeed: new Uint8Array(32) };
    const { inputs, failures } = await this.provider.check({ ...request, ...(olds ? { olds } : {}) });
    expect(failures).toEqual([]);
    return inputs;
  }

  async create(type: string, news: JsonObject, attempt?: Attempt): Promise<Made> {
    const inputs = await this.check(type, type === IMAGE ? news : { labels, ...news });
    const name = typeof news["name"] === "string" ? news["name"] : "engine-test";
    const request = { urn: `urn::${name}`, type, name, inputs, attempt, timeoutSeconds: 0, preview: false };
    const { id, outputs } = await this.provider.create(request);
    return { type, name, id, inputs, outputs };
  }

  async diff(made: Made, news: JsonObject = made.inputs): Promise<DiffResult> {
    const old = { oldInputs: made.inputs, oldOutputs: made.outputs };
    return this.provider.diff({ ...this.request(made), ...old, news, ignoreChanges: [] });
  }

  /** Checks and applies a change in place. */
  async update(made: Made, change: JsonObject): Promise<Made> {
    const news = await this.check(made.type, { ...made.inputs, ...change }, made.inputs);
    expect((await this.diff(made, news)).replaces).toEqual([]);
    const old = { oldInputs: made.inputs, oldOutputs: made.outputs };
    const rest = { timeoutSeconds: 0, ignoreChanges: [], preview: false };
    return {
      ...made,
      inputs: news,
      outputs: await this.provider.update({ ...this.request(made), ...old, news, ...rest }),
    };
  }

  read(made: Made): Promise<ReadResult> {
    return this.provider.read({ ...this.request(made), inputs: made.inputs, outputs: made.outputs });
  }

  async delete(made: Made): Promise<void> {
    await this.provider.delete({
      ...this.request(made),
      oldInputs: made.inputs,
      oldOutputs: made.outputs,
      timeoutSeconds: 0,
    });
  }

  /** Removes all that carries this run's label, whatever state a failed test left it in. */
  async stop(): Promise<void> {
    const filters = { label: [`${LABEL}=${process.pid}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
    for (const { Name } of (await docker.listVolumes({ filters })).Volumes) await docker.getVolume(Name).remove();
    for (const { RepoTags } of await docker.listImages({ filters: { reference: [`engine-test:*-${process.pid}`] } })) {
      for (const tag of RepoTags ?? []) await docker.getImage(tag).remove({ force: true });
    }
    // What the classic builder leaves of a failed build.
    for (const { Id } of await docker.listImages({ filters })) await docker.getImage(Id).remove({ force: true });
    await this.provider.close();
    rmSync(this.folder, { recursive: true });
  }
}

export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number;
}
export async function stateOf(id: string): Promise<ContainerState> {
  const { State } = await docker.getContainer(id).inspect();
  return { running: State.Running, exitCode: State.ExitCode };
}

/** What a command in a running container prints. */
export async function run(id: string, ...command: string[]): Promise<string> {
  const exec = await docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString().replaceAll("\r\n", "\n").trim();
}

export const exists = async (inspect: Promise<unknown>): Promise<boolean> =>
  inspect.then(
    () => true,
    () => false,
  );

/** An image of busybox alone, made without a registry. */
async function importBase(): Promise<void> {
  const applets = ["sh", "sleep", "cat", "echo", "true", "false", "test", "stat", "hostname", "nslookup", "env", "id"];
  const pack = tar.pack();
  for (const name of applets) pack.entry({ name: `bin/${name}`, type: "symlink", linkname: "busybox", mode: 0o777 });
  pack.entry({ name: "bin/busybox", mode: 0o755 }, readFileSync(busybox()));
  pack.entry({ name: "tmp", type: "directory", mode: 0o1777 });
  pack.entry({ name: "etc/passwd" }, "root:x:0:0:root:/:/bin/sh\n");
  pack.finalize();
  const [repo = "", tag = ""] = BASE.split(":");
  const stream = await docker.importImage(pack, { repo, tag, changes: ["ENV PATH=/bin", 'CMD ["sleep", "600"]'] });
  await new Promise<void>((done, failed) => {
    docker.modem.followProgress(stream, (error) => (error ? failed(error) : done()));
  });
}

/** Debian's static busybox: installed, or unpacked from its package. */
function busybox(): string {
  const installed = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
  if (installed !== undefined) return installed;
  const folder = join(tmpdir(), "engine-test-busybox");
  // Debian 12 has it in /bin, Debian 13 in /usr/bin.
  const unpacked = (): string | undefined =>
    ["bin", "usr/bin"].map((bin) => join(folder, "root", bin, "busybox")).find((path) => existsSync(path));
  if (unpacked() === undefined) {
    mkdirSync(folder, { recursive: true });
    execFileSync("apt-get", ["download", "busybox-static"], { cwd: folder, stdio: "pipe" });
    const deb = readdirSync(folder).find((file) => file.endsWith(".deb"));
    if (deb === undefined) throw new Error("apt-get download busybox-static gave no package: install busybox-static");
    execFileSync("dpkg", ["-x", deb, "root"], { cwd: folder });
  }
  const found = unpacked();
  if (found === undefined) throw new Error(`busybox-static's package has no bin/busybox (see ${folder})`);
  return found;
}
