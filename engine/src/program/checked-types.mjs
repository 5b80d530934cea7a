// The CLI has ts-node check a program's types; loading the compiler and checking take seconds. Here they are checked, by ts-node as well,
// until the program has run to its end; that is noted, with a hash of every file that it was made of, and while nothing of it changes
// the program is only transpiled. The note is looked at while this process waits to be told what to run.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What the engine says where neither it nor the user has decided. */
export const UNLESS_CHECKED = "unless-checked";

/** Looks at once. @returns what decides, once it is known what is to be run. */
export function checkedTypes() {
  const require = createRequire(join(process.cwd(), "package.json"));
  const note = noteOf(require);
  const known = note !== undefined && isValid(note);
  return () => {
    if (process.env.PULUMI_NODEJS_TRANSPILE_ONLY !== UNLESS_CHECKED) return;
    process.env.PULUMI_NODEJS_TRANSPILE_ONLY = String(known);
    if (known || note === undefined) return;
    // After the SDK's own listener, which says how the program ended.
    const ended = () => (process.exitCode ?? 0) === 0 && write(note, Object.keys(require.cache));
    process.once("beforeExit", () => process.on("exit", ended));
  };
}

/** undefined: there is no SDK, which whoever needs it says best. */
function noteOf(require) {
  try {
    const packages = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
    const place = createHash("sha256").update(process.cwd()).digest("hex");
    return { packages, file: join(packages, ".cache", "wordpress-autoscaling-engine", `types-${place}.json`) };
  } catch {
    return undefined;
  }
}

/** What is not among the program's files and decides all the same. */
function settingsOf({ packages }) {
  const tsconfig = process.env.PULUMI_NODEJS_TSCONFIG_PATH ?? "tsconfig.json";
  return [
    join(process.cwd(), tsconfig),
    join(packages, ".package-lock.json"),
    join(packages, "typescript", "package.json"),
  ];
}

function isValid(note) {
  try {
    const { files } = JSON.parse(readFileSync(note.file, "utf8"));
    const settings = settingsOf(note);
    if (!settings.every((path) => Object.hasOwn(files, path))) return false;
    return Object.entries(files).every(([path, hash]) => hashOf(path) === hash);
  } catch {
    return false;
  }
}

function write(note, loaded) {
  // Another file has a say.
  if (/"extends"/.test(textOf(settingsOf(note)[0]) ?? "")) return;
  const sources = loaded.filter((path) => /\.[cm]?tsx?$/.test(path) && !/[\\/]node_modules[\\/]/.test(path));
  const files = Object.fromEntries([...settingsOf(note), ...sources].map((path) => [path, hashOf(path)]));
  try {
    mkdirSync(dirname(note.file), { recursive: true });
    writeFileSync(`${note.file}.${process.pid}`, JSON.stringify({ files }));
    renameSync(`${note.file}.${process.pid}`, note.file);
  } catch {
    // Checked again next time.
  }
}

/** "none": there is no such file. */
function hashOf(path) {
  const text = textOf(path);
  return text === undefined ? "none" : createHash("sha256").update(text).digest("hex");
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
