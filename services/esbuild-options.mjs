import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Modules that dockerode loads for BuildKit sessions, remote hosts and image builds, which the services never use. Without them
 * a service starts with 1/10 of the code and half of the memory.
 */
const unused = ["@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "ssh2", "tar-fs", "@balena/dockerignore"];

/** Puts stand-ins in the place of what is not used; `used` has other files for some of it. */
export const withoutUnused = (used = {}) => ({
  alias: Object.fromEntries(unused.map((module) => [module, used[module] ?? here("./kit/unused.ts")])),
});

/** esbuild options that bundle a service into one CommonJS file: `build({ ...serviceOptions("registrator"), outfile })`. */
export const serviceOptions = (name) => ({
  entryPoints: [here(`./${name}/main.ts`)],
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  keepNames: true,
  legalComments: "none",
  ...withoutUnused(),
});
