#!/usr/bin/env node
// npm run -s pulumi -- ARGS: Pulumi's own grammar, by Pulumi's CLI or by the embedded engine (PULUMI_ENGINE=cli|embedded chooses).
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { forwardSignals } from "./lib/forward-signals.mjs";
import { prepare } from "./lib/pulumi.mjs";
import { fail } from "./lib/steps.mjs";

async function main() {
  const run = await prepare(process.argv.slice(2));
  const before = run.before ? `, after ${run.before.engine} ${run.before.version}` : "";
  if (!run.quiet) console.error(`engine: ${run.engine} ${run.version}${before}`);
  const child = spawn(run.command, run.args, { stdio: "inherit", env: run.env });
  forwardSignals(child);
  run.record();
  child.on("error", fail);
  child.on("exit", (code, signal) => {
    run.record(code);
    process.exitCode = signal ? 128 + (constants.signals[signal] ?? 0) : code;
  });
}

main().catch(fail);
