#!/usr/bin/env node
// Bundles what runs outside the Pulumi program: the embedded engine, and the services that go into images. `npm ci` runs it
// (as `prepare`), so plain `pulumi up` finds everything in place.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { presentBundles, upToDate } from "./lib/bundles.mjs";

/**
 * Writes a file only when its content differs, and by rename: an image's tag is a hash of its files, and another run may be
 * reading the bundle at this moment.
 */
function writeIfChanged(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(contents))) {
    // eslint-disable-next-line no-restricted-syntax -- a file's time, which is compared with those of its sources
    const now = new Date();
    utimesSync(path, now, now);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, contents);
  // whatever the umask: services run as other users
  chmodSync(fresh, 0o644);
  renameSync(fresh, path);
}

async function main() {
  if (upToDate()) return;
  let esbuild;
  try {
    esbuild = await import("esbuild");
  } catch (error) {
    // `npm ci --omit=dev` leaves esbuild out; what was built before is still good.
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error("build: esbuild is not installed (npm ci without dev dependencies?), nothing built");
    return;
  }
  await Promise.all(
    (await presentBundles()).map(async (options) => {
      const { outputFiles } = await esbuild.build(options);
      for (const { path, contents } of outputFiles) writeIfChanged(path, contents);
    }),
  );
}

main().catch((error) => {
  // esbuild has printed its own errors already
  if (!error.errors) console.error(error);
  process.exitCode = 1;
});
