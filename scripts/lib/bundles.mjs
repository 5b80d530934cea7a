// What esbuild makes of what. Everything here must be deterministic: the bundles under images/ are part of an image's
// content hash, so no absolute path, no time, no source map there.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";

const serviceBuild = pathToFileURL(join(root, "services", "esbuild-options.mjs")).href;

/** What runs from the checkout finds its packages in node_modules, and its stack traces should name lines of TypeScript. */
const hostCommand = (entry, out) => ({
  entry,
  out,
  options: () => ({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    packages: "external",
    sourcemap: true,
    sourcesContent: false,
  }),
});

/** Packages are part of it, since finding and reading their many files takes longer than most commands; what none uses is left out. */
const opsCommand = (entry, out) => {
  const command = hostCommand(entry, out);
  const options = async () => {
    const { withoutUnused } = await import(serviceBuild);
    return { ...command.options(), packages: "bundle", ...withoutUnused({ ssh2: join(root, "ops/kit/ssh2.ts") }) };
  };
  return { ...command, options };
};

/** The services know best what they leave out. */
async function serviceOptions(name) {
  const { serviceOptions: options } = await import(serviceBuild);
  return options(name);
}

const bundles = [
  hostCommand("engine/src/cli.ts", "engine/dist/cli.js"),
  opsCommand("ops/autoscaler/main.ts", "ops/dist/autoscale.js"),
  opsCommand("ops/latency/main.ts", "ops/dist/latency.js"),
  opsCommand("ops/logs.ts", "ops/dist/logs.js"),
  opsCommand("ops/purge.ts", "ops/dist/purge.js"),
  opsCommand("ops/scale.ts", "ops/dist/scale.js"),
  opsCommand("ops/status/main.ts", "ops/dist/status.js"),
  {
    entry: "services/registrator/main.ts",
    out: "images/registrator/dist/registrator.js",
    options: () => serviceOptions("registrator"),
  },
  {
    entry: "services/reloader/main.ts",
    out: "images/consul-template/dist/reloader.js",
    options: () => serviceOptions("reloader"),
  },
  // lab/dist is as deep as lab/driver: a path that lab/driver builds from __dirname is the same in a bundle
  hostCommand("lab/campaign/main.ts", "lab/dist/campaign.js"),
  hostCommand("lab/bench/main.ts", "lab/dist/bench.js"),
  hostCommand("lab/bench-engine/main.ts", "lab/dist/bench-engine.js"),
];

/** The options of every bundle whose source is there; the output comes back in memory. */
export const presentBundles = () =>
  Promise.all(
    bundles
      .filter(({ entry }) => existsSync(join(root, entry)))
      .map(async ({ out, options }) => ({
        ...(await options()),
        // module names inside a bundle are relative to this, so another checkout makes the same bytes
        absWorkingDir: root,
        outfile: join(root, out),
        write: false,
        logLevel: "warning",
      })),
  );

/** What a bundle is made of, as far as this checkout goes: a bundle that is younger than all of it need not be made again. */
const sources = [
  "contract",
  "engine/src",
  "lab",
  "ops",
  "services",
  "settings",
  "scripts/build.mjs",
  "scripts/lib/bundles.mjs",
  "package-lock.json",
];

/** Whether every bundle is there and younger than each source; a folder counts, since a file may have been taken out of it. */
export function upToDate(folder = root) {
  const outputs = bundles.filter(({ entry }) => existsSync(join(folder, entry))).map(({ out }) => join(folder, out));
  if (!outputs.every((path) => existsSync(path))) return false;
  const oldest = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  return sources.every((path) => newest(join(folder, path)) < oldest);
}

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = readdirSync(path).filter((name) => name !== "dist");
  return Math.max(stats.mtimeMs, ...names.map((name) => newest(join(path, name))));
}
