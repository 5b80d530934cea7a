// Pulumi commands that `npm start` and the commands of ops/ run, each by scripts/pulumi.mjs as a user would.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { forwardSignals } from "./forward-signals.mjs";
import { root } from "./paths.mjs";
import { run } from "./run.mjs";
import { engineEnvironment, findProject, selectedStack, stackExists } from "./state-folder.mjs";

const script = join(root, "scripts", "pulumi.mjs");

/** Runs a command with its output on our own terminal; resolves with the exit status. */
export function pulumi(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
    const done = forwardSignals(child);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      done();
      resolve(signal ? 1 : code);
    });
  });
}

/** Runs a command and returns what it says: { code, stdout, stderr }. */
export const ask = (...args) => run(process.execPath, [script, ...args], { cwd: root });

/** Selects the stack, and makes it where there is none. */
export async function ensureStack(name) {
  const project = findProject(root);
  if (!project) throw new Error(`There is no Pulumi.yaml in ${root}.`);
  const env = { ...process.env, ...engineEnvironment(process.env, project) };
  // what both engines wrote down says it sooner than either of them
  const current = selectedStack(project, env)?.split("/").at(-1);
  if (current === name && stackExists(project, name, env)) return "selected";
  const selected = await ask("stack", "select", name, "--non-interactive");
  if (selected.code === 0) return "selected";
  const made = await ask("stack", "init", name, "--non-interactive");
  if (made.code === 0) return "created";
  throw new Error([selected, made].map(({ stdout, stderr }) => `${stdout}${stderr}`.trim()).join("\n"));
}

/** The stack of `npm start`, and of the commands of ops/ unless they are told --stack NAME. */
export const defaultStack = "dev";
