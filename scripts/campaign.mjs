#!/usr/bin/env node
// npm run campaign [-- --short | --growth | ...]: sets up what is missing, then plays campaign/ on a stack of its own.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./lib/paths.mjs";
import { setUp } from "./lib/set-up.mjs";
import { fail } from "./lib/steps.mjs";

async function main() {
  await setUp();
  const program = ["--enable-source-maps", join(root, "campaign", "dist", "campaign.js"), ...process.argv.slice(2)];
  const child = spawn(process.execPath, program, { stdio: "inherit" });
  child.on("error", fail);
  child.on("exit", (code) => (process.exitCode = code ?? 1));
}

main().catch(fail);
