#!/usr/bin/env node
// node scripts/run.mjs ROOM/COMMAND ARGS, as package.json's scripts have it: runs a command of ops/ or lab/. They are TypeScript, so packages and
// bundles are made first where they are missing or older than their sources; a command of lab/ needs Docker and its images besides.
import { createRequire } from "node:module";
import { join } from "node:path";
import { upToDate } from "./lib/bundles.mjs";
import { contextHost } from "./lib/docker-context.mjs";
import { build, checkNode, ensurePackages, installReason } from "./lib/packages.mjs";
import { root } from "./lib/paths.mjs";
import { setUp } from "./lib/set-up.mjs";
import { ask, defaultStack, pulumi } from "./lib/stack.mjs";
import { engineEnvironment, findProject, stateFolder } from "./lib/state-folder.mjs";
import { fail } from "./lib/steps.mjs";

/** What it says goes to stderr: a command's output may be JSON. */
async function prepare(room) {
  if (room === "lab") return setUp();
  checkNode();
  const reason = installReason();
  if (reason !== undefined) {
    console.error(`packages: npm ci, since ${reason}`);
    await ensurePackages(() => undefined);
  }
  if (!upToDate()) await build();
}

/**
 * What a command is told of this checkout: the `Context` of ops/kit/context.ts. Where the state lies is looked up, and a passphrase made,
 * only for a command that asks for it.
 */
function context() {
  let known;
  const workspace = () => (known ??= readWorkspace());
  return {
    root,
    defaultStack,
    pulumi,
    ask,
    get env() {
      return workspace().env;
    },
    get stateFolder() {
      return workspace().folder;
    },
    get stacksFolder() {
      return workspace().stacks;
    },
  };
}

function readWorkspace() {
  const project = findProject(root);
  const env = { ...process.env, ...engineEnvironment(process.env, project) };
  const folder = stateFolder(env);
  const isFile = (env.PULUMI_BACKEND_URL ?? "").startsWith("file://");
  return { env, folder, stacks: isFile ? join(folder, ".pulumi", "stacks", project.name) : undefined };
}

async function main() {
  const [path, ...args] = process.argv.slice(2);
  const [room, command] = path.split("/");
  await prepare(room);
  // dockerode does not know Docker's contexts
  const dockerHost = await contextHost();
  if (dockerHost) process.env.DOCKER_HOST = dockerHost;
  process.setSourceMapsEnabled(true);
  const { main: run } = createRequire(import.meta.url)(join(root, room, "dist", `${command}.js`));
  // Until the command's end is reached: a process that runs out of things to wait for would end with 0.
  process.exitCode = 1;
  process.exitCode = (await run(args, context())) ?? 0;
}

main().catch(fail);
