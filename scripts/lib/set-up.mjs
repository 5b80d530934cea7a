// What both `npm start` and `npm test` need before anything else.
import { ensureDocker } from "./docker.mjs";
import { ensureImages } from "./images.mjs";
import { build, checkNode, ensurePackages } from "./packages.mjs";
import { bothSpellings } from "./proxy.mjs";
import { step } from "./steps.mjs";

/** Packages and Docker have nothing to do with each other, so a fresh machine does both at once. */
export async function setUp() {
  Object.assign(process.env, bothSpellings(process.env));
  await step("node", async () => checkNode());
  const both = await Promise.allSettled([packages(), docker()]);
  const failed = both.filter(({ status }) => status === "rejected");
  if (failed.length > 0)
    throw new Error(failed.map(({ reason }) => reason.message).join("\n\n"), { cause: failed[0].reason });
}

async function packages() {
  await step("packages", ensurePackages);
  await step("build", build);
}

async function docker() {
  await step("docker engine", ensureDocker);
  await ensureImages();
}
