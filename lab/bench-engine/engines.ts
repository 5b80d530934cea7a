/** What is compared: each engine makes `count` containers, however many there were before. */
import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Taken, timed } from "./processes";
import { composeFile } from "./programs";

export interface Engine {
  /** Once, before everything else. */
  prepare(): Promise<void>;
  /** Says how many are wanted. */
  set(count: number): Promise<void>;
  /** Makes it so: what is measured. */
  apply(): Promise<Taken>;
  destroy(): Promise<Taken>;
}

/** A Pulumi engine on a program: the command that takes Pulumi's grammar. `prefix` begins the names of what it makes. */
export function pulumi(
  root: string,
  folder: string,
  program: string,
  [command, ...first]: readonly [string, ...string[]],
  prefix: string,
): Engine {
  const state = join(folder, "state");
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Neither engine checks types: the embedded one would do it once, the CLI at every run.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // `npm run pulumi` sets this for either engine.
    NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"),
  };
  delete env.PULUMI_CONFIG_PASSPHRASE_FILE;
  const cwd = programFolder(root, join(folder, "program"), program);
  const at = (...args: string[]): Promise<Taken> => timed(command, [...first, ...args], { cwd, env });
  return {
    prepare: async () => {
      mkdirSync(state);
      await at("stack", "init", "bench");
      await at("config", "set", "prefix", prefix);
    },
    set: async (count) => {
      await at("config", "set", "count", String(count));
    },
    apply: () => at("up", "--yes", "--skip-preview"),
    destroy: () => at("destroy", "--yes", "--skip-preview"),
  };
}

/** docker compose on a file with as many services. */
export function compose(folder: string, prefix: string): Engine {
  mkdirSync(folder);
  const at = (...args: string[]): Promise<Taken> => timed("docker", ["compose", ...args], { cwd: folder });
  return {
    prepare: () => Promise.resolve(),
    set: (count) => {
      writeFileSync(join(folder, "compose.yaml"), composeFile(prefix, count));
      return Promise.resolve();
    },
    apply: () => at("up", "--detach", "--remove-orphans"),
    destroy: () => at("down"),
  };
}

/** Whether a command is on PATH and answers. */
export const answers = (command: string, ...args: string[]): Promise<boolean> =>
  new Promise((resolve) => void execFile(command, args, (error) => resolve(error === null)));

/** A program folder of its own, with this checkout's packages. */
function programFolder(root: string, folder: string, source: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "Pulumi.yaml"), `name: bench-engine\nruntime: nodejs\nmain: index.ts\n`);
  writeFileSync(join(folder, "package.json"), "{}\n");
  writeFileSync(join(folder, "tsconfig.json"), "{}\n");
  writeFileSync(join(folder, "index.ts"), source);
  return folder;
}
