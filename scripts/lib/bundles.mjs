// What esbuild makes of what. Everything here must be deterministic: the bundles under images/ are part of an image's
// content hash, so no absolute path, no time, no source map there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";

/** The embedded engine finds its packages in node_modules, and its stack traces should name lines of TypeScript. */
const engineOptions = () => ({
  entryPoints: ["engine/src/cli.ts"],
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  packages: "external",
  sourcemap: true,
  sourcesContent: false,
});

/** The services know best what they leave out. */
async function serviceOptions(name) {
  const { serviceOptions: options } = await import(pathToFileURL(join(root, "services", "esbuild-options.mjs")).href);
  return options(name);
}

const bundles = [
  { entry: "engine/src/cli.ts", out: "engine/dist/cli.js", options: engineOptions },
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
