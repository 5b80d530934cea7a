#!/usr/bin/env node
// npm run campaign [-- --short | --growth | ...]: sets up what is missing, then plays lab/campaign on a stack of its own.
import { createRequire } from "node:module";
import { join } from "node:path";
import { machine, writeSection } from "./lib/measured.mjs";
import { root } from "./lib/paths.mjs";
import { setUp } from "./lib/set-up.mjs";
import { fail } from "./lib/steps.mjs";

async function main() {
  await setUp();
  process.setSourceMapsEnabled(true);
  const { run } = createRequire(import.meta.url)(join(root, "lab", "dist", "campaign.js"));
  await run({ machine, writeSection: (name, text) => writeSection(name, text, "campaign.md") });
}

main().catch(fail);
