// Node itself, and this checkout's packages.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { logFile, root } from "./paths.mjs";
import { must } from "./run.mjs";

const oldestNode = 20;

export function checkNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= oldestNode) return version;
  throw new Error(
    `Node ${oldestNode} or newer is needed, and this is ${version} (${process.execPath}). See https://nodejs.org/`,
  );
}

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/**
 * Why `npm ci` must run, or undefined. npm keeps what it installed in node_modules/.package-lock.json; a package for another
 * platform (optional) is rightly missing there.
 */
export function installReason(folder = root) {
  const installedFile = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return "not installed yet";
  let installed;
  try {
    installed = readJson(installedFile).packages;
  } catch {
    return "the last installation did not end";
  }
  const wanted = readJson(join(folder, "package-lock.json")).packages;
  for (const [path, { version, integrity, optional, devOptional, link }] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) continue;
    const there = installed[path];
    const name = path.split("node_modules/").at(-1);
    if (!there) {
      if (optional || devOptional) continue;
      return `${name} is missing`;
    }
    if (!link && (there.version !== version || (integrity && there.integrity !== integrity)))
      return `${name} is another version`;
    if (!optional && !existsSync(join(folder, path))) return `${name} is missing`;
  }
  return undefined;
}

/** `npm ci` where it is needed; its `prepare` builds. */
export async function ensurePackages(say) {
  const reason = installReason();
  if (!reason) return "as in package-lock.json";
  say(`npm ci: ${reason}`);
  const log = logFile("npm-ci");
  const args = ["ci", "--no-audit", "--no-fund"];
  const attempt = () => npm(args, { cwd: root, log, timeoutMs: 900_000 });
  // a registry may hiccup once
  await attempt().catch(attempt);
  return `npm ci: ${reason}`;
}

/** The npm that started us, else the one on PATH. */
function npm(args, options) {
  const started = process.env.npm_execpath;
  return started?.endsWith(".js") ? must(process.execPath, [started, ...args], options) : must("npm", args, options);
}

export async function build() {
  await must(process.execPath, [join(root, "scripts", "build.mjs")], { cwd: root });
}
