// Where the stacks' state is, the passphrase beside it, and which engine wrote which stack.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root, stateDir } from "./paths.mjs";
import { loopbackDirect } from "./proxy.mjs";

/** The environment that both engines get: the backend and, for it, a passphrase; what is set already stays. */
export function engineEnvironment(env, project) {
  // Node 22 keeps there what it compiled, which spares each command a sixth of its start; Node 20 does not know it
  const added = env.NODE_COMPILE_CACHE ? {} : { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node") };
  Object.assign(added, loopbackDirect(env));
  // a program that names its own backend in Pulumi.yaml means it
  if (!env.PULUMI_BACKEND_URL && !project?.ownBackend) {
    mkdirSync(stateDir, { recursive: true });
    added.PULUMI_BACKEND_URL = pathToFileURL(stateDir).href;
  }
  const folder = stateFolder({ ...env, ...added });
  if (env.PULUMI_CONFIG_PASSPHRASE === undefined && !env.PULUMI_CONFIG_PASSPHRASE_FILE) {
    const file = join(folder, "passphrase");
    if (existsSync(file) || makePassphrase(file, folder)) added.PULUMI_CONFIG_PASSPHRASE_FILE = file;
  }
  return added;
}

/** The folder of a file:// backend, else ours. */
export function stateFolder(env) {
  const url = env.PULUMI_BACKEND_URL ?? "";
  if (!url.startsWith("file://")) return stateDir;
  const rest = url.slice("file://".length);
  if (rest === "~" || rest.startsWith("~/")) return join(homedir(), rest.slice(1));
  return rest.startsWith("/") ? fileURLToPath(url) : resolve(rest);
}

/** Made once, and only where no stack exists yet: a made-up passphrase opens nothing that is there. */
function makePassphrase(file, folder) {
  const stacks = join(folder, ".pulumi", "stacks");
  const some = existsSync(stacks) && readdirSync(stacks, { recursive: true }).some((name) => name.endsWith(".json"));
  if (some) return false;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  return true;
}

/** The nearest Pulumi.yaml at or above a folder: { file, name, ownBackend }, or undefined. */
export function findProject(folder) {
  for (let at = resolve(folder); ; at = dirname(at)) {
    for (const base of ["Pulumi.yaml", "Pulumi.yml"]) {
      const file = join(at, base);
      if (!existsSync(file)) continue;
      const text = readFileSync(file, "utf8");
      const name = /^name:\s*["']?([\w.-]+)/m.exec(text)?.[1];
      return { file, name, ownBackend: /^backend:/m.test(text) };
    }
    if (at === dirname(at)) return undefined;
  }
}

/** The stack selected for a project, from where both engines keep it. */
export function selectedStack(project, env) {
  const home = env.PULUMI_HOME || join(homedir(), ".pulumi");
  const hash = createHash("sha1").update(project.file).digest("hex");
  try {
    const file = join(home, "workspaces", `${project.name}-${hash}-workspace.json`);
    const { stack, stacks } = JSON.parse(readFileSync(file, "utf8"));
    return stacks?.[env.PULUMI_BACKEND_URL] ?? stack;
  } catch {
    return undefined;
  }
}

/** Whether a stack is in the state of a file backend (undefined for any other backend). */
export function stackExists(project, stack, env) {
  if (!(env.PULUMI_BACKEND_URL ?? "").startsWith("file://")) return undefined;
  return existsSync(join(stateFolder(env), ".pulumi", "stacks", project.name, `${stack}.json`));
}

/** `.state/engine`: "<project>/<stack>" → { engine, version } of the last run that wrote it. */
export class EngineRecord {
  constructor(folder) {
    this.file = join(folder, "engine");
  }

  all() {
    try {
      return JSON.parse(readFileSync(this.file, "utf8"));
    } catch {
      return {};
    }
  }

  get(key) {
    return this.all()[key];
  }

  set(key, value) {
    const all = this.all();
    if (JSON.stringify(all[key]) === JSON.stringify(value)) return;
    if (value === undefined) delete all[key];
    else all[key] = value;
    mkdirSync(dirname(this.file), { recursive: true });
    const fresh = `${this.file}.${process.pid}.new`;
    writeFileSync(fresh, `${JSON.stringify(all, undefined, 2)}\n`);
    renameSync(fresh, this.file);
  }
}
