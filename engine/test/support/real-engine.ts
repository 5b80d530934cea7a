/**
 * The engine as users have it: a process of its own, over a program with dynamic resources whose real world is a folder of files. At
 * a chosen point program or provider kill the engine, or themselves, so that the kill comes exactly there.
 */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { until } from "../../../lab/driver/until";

const engine = resolve(__dirname, "../..");
const bundle = join(engine, "dist", `under-test-${process.pid}.js`);

/** Bundles the engine as it is now; what lies in dist/ may be older. */
export function buildEngine(): void {
  buildSync({
    absWorkingDir: engine,
    entryPoints: ["src/cli.ts"],
    outfile: bundle,
    bundle: true,
    platform: "node",
    target: "node20",
    packages: "external",
  });
}

export const removeEngine = (): void => rmSync(bundle, { force: true });

export interface RealWish {
  readonly name: string;
  readonly size?: number;
  /** A change is a replacement. */
  readonly kind?: number;
  readonly deleteFirst?: boolean;
  readonly needs?: readonly string[];
  /** Bytes of text that the state has to hold. */
  readonly bulk?: number;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import * as fs from "fs";

// Program and providers run in the program's folder. Notes that this point was reached; and if it is the chosen one, that is the end of the engine, or of this process, or it waits for a file "go".
function reach(point: string): void | Promise<any> {
  const fs = require("fs");
  fs.appendFileSync("points", point + "\\n");
  const strike = fs.existsSync("strike") ? fs.readFileSync("strike", "utf8") : "";
  if (strike === "engine at " + point) process.kill(process.ppid, "SIGKILL");
  else if (strike === "provider at " + point) process.kill(process.pid, "SIGKILL");
  else if (strike === "wait at " + point) return new Promise((go) => {
    const look = () => (fs.existsSync("go") ? go(undefined) : setTimeout(look, 20));
    look();
  });
  else return;
  return new Promise(() => undefined);
}

class Files implements pulumi.dynamic.ResourceProvider {
  async diff(id: string, olds: any, news: any) {
    return {
      changes: olds.size !== news.size || olds.kind !== news.kind,
      replaces: olds.kind !== news.kind ? ["kind"] : [],
      deleteBeforeReplace: news.deleteFirst,
    };
  }
  async create(inputs: any) {
    await reach("before create " + inputs.name);
    const id = inputs.name + "-" + require("crypto").randomUUID();
    require("fs").writeFileSync("world/" + id, String(inputs.size));
    await reach("after create " + inputs.name);
    return { id, outs: inputs };
  }
  async read(id: string, props: any) {
    const file = "world/" + id;
    if (!require("fs").existsSync(file)) return { id: "", props: {} };
    return { id, props: { ...props, size: Number(require("fs").readFileSync(file, "utf8")) } };
  }
  async update(id: string, olds: any, news: any) {
    await reach("before update " + news.name);
    require("fs").writeFileSync("world/" + id, String(news.size));
    await reach("after update " + news.name);
    return { outs: news };
  }
  async delete(id: string, props: any) {
    await reach("before delete " + props.name);
    require("fs").rmSync("world/" + id, { force: true });
    await reach("after delete " + props.name);
  }
}
const provider = new Files();
class File extends pulumi.dynamic.Resource {
  constructor(name: string, inputs: any, options: pulumi.CustomResourceOptions) {
    super(provider, name, inputs, options);
  }
}
const files = new Map<string, File>();
for (const { name, size = 0, kind = 0, deleteFirst = false, needs = [], bulk = 0 } of JSON.parse(fs.readFileSync("wishes.json", "utf8"))) {
  const dependsOn = needs.map((need: string) => files.get(need)!);
  const file = new File(name, { name, size, kind, deleteFirst, bulk: "x".repeat(bulk) }, { dependsOn });
  if (!pulumi.runtime.isDryRun()) file.id.apply(() => reach("registered " + name));
  files.set(name, file);
}
export const names = pulumi.all([...files.values()].map(({ id }) => id)).apply(async (ids) => {
  if (!pulumi.runtime.isDryRun()) await reach("all registered");
  if (fs.existsSync("broken")) process.exit(3);
  return ids.length;
});
`;

/** A project in a folder of its own. */
export class RealStack {
  private constructor(readonly folder: string) {}

  static async make(program = PROGRAM): Promise<RealStack> {
    const stack = new RealStack(mkdtempSync(join(tmpdir(), "engine-real-")));
    const { folder } = stack;
    mkdirSync(join(folder, "world"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "program", main: "index.ts" }));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: proj\nruntime: nodejs\n");
    writeFileSync(join(folder, "index.ts"), program);
    symlinkSync(
      resolve(dirname(require.resolve("@pulumi/pulumi/package.json")), "../.."),
      join(folder, "node_modules"),
    );
    await stack.run(["stack", "init", "dev"]);
    return stack;
  }

  /** Another one that is just as far. */
  copy(): RealStack {
    const folder = mkdtempSync(join(tmpdir(), "engine-real-"));
    cpSync(this.folder, folder, { recursive: true, verbatimSymlinks: true });
    return new RealStack(folder);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  wish(wishes: readonly RealWish[]): void {
    writeFileSync(join(this.folder, "wishes.json"), JSON.stringify(wishes));
  }

  up(wishes: readonly RealWish[], strike = ""): Promise<Outcome> {
    this.prepare(wishes, strike);
    return this.run(["up", "-y"]);
  }

  /** What the next runs want, and what befalls them. */
  prepare(wishes: readonly RealWish[], strike = ""): void {
    this.wish(wishes);
    writeFileSync(join(this.folder, "strike"), strike);
    for (const file of ["points", "go"]) rmSync(join(this.folder, file), { force: true });
  }

  /** Lets those go on that wait. */
  go(): void {
    writeFileSync(join(this.folder, "go"), "");
  }

  /**
   * Returns when program and providers have ended too: those of an engine that was killed may be in the middle of something.
   *
   * @param shell what the shell does first, such as setting a limit.
   */
  async run(words: readonly string[], shell = ""): Promise<Outcome> {
    const outcome = await this.begin(words, shell).outcome;
    await this.ended();
    return outcome;
  }

  /** A command that others of the same stack may run beside. */
  begin(words: readonly string[], shell = ""): { readonly pid: number; readonly outcome: Promise<Outcome> } {
    const { PULUMI_BACKEND_URL: _, ...environment } = process.env;
    const env = {
      ...environment,
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_STACK: "dev",
      PULUMI_CONFIG_PASSPHRASE: "",
    };
    const options = { cwd: this.folder, env, maxBuffer: 2 ** 26 };
    const args = ["-c", `${shell} exec "$0" "$@"`, process.execPath, bundle, ...words];
    let pid = 0;
    const outcome = new Promise<Outcome>((done) => {
      const child = execFile("sh", args, options, (_error, out, err) =>
        done({ code: child.exitCode, signal: child.signalCode, out, err }),
      );
      pid = child.pid ?? 0;
    });
    return { pid, outcome };
  }

  /** Whoever was at work in the folder has ended. */
  async ended(): Promise<void> {
    await until("all its processes have ended", () => Promise.resolve(!isAtWork(this.folder)), {
      pauseMs: 20,
    });
  }

  /** The points that the last run reached, in order. */
  get points(): string[] {
    const file = join(this.folder, "points");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** Names of what exists. */
  get world(): string[] {
    return readdirSync(join(this.folder, "world"))
      .map((id) => id.split("-")[0] ?? "")
      .sort();
  }

  get stateFile(): string {
    return join(this.folder, ".state/.pulumi/stacks/proj/dev.json");
  }

  /**
   * Whatever exists is in the state, or in an operation that it says was interrupted; and the state before is there too.
   *
   * @returns the names of what exists and is in no state.
   */
  expectNothingLost(): string[] {
    const { resources = [], pending_operations: operations = [] } = readState(this.stateFile);
    expect(readState(`${this.stateFile}.bak`).resources).toBeDefined();
    const known = resources.map(({ id }) => id);
    const creating = operations.flatMap(({ type, resource }) =>
      type === "creating" ? [resource.urn.split("::").pop()] : [],
    );
    const strays = readdirSync(join(this.folder, "world")).filter((id) => !known.includes(id));
    const names = strays.map((id) => id.split("-")[0] ?? "");
    expect(creating).toEqual(expect.arrayContaining(names));
    return names;
  }
}

/** Whether any process runs in the folder. */
function isAtWork(folder: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

interface StoredResource {
  urn: string;
  id?: string;
}
interface StoredState {
  resources?: StoredResource[];
  pending_operations?: { type: string; resource: StoredResource }[];
}

export function readState(file: string): StoredState {
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: StoredState } };
  return checkpoint.latest;
}
