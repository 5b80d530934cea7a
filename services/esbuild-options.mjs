import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * dockerode brings gRPC, protobuf, ssh2 and tar for BuildKit sessions, remote hosts and image builds. The services do none of
 * these; without them a service starts with 1/10 of the code and half of the memory.
 */
const unused = ["@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "ssh2", "tar-fs", "@balena/dockerignore"];

/** Puts stand-ins in the place of what is not used; `used` has other files for some of it. */
export const withoutUnused = (used = {}) => ({
  alias: Object.fromEntries(unused.map((module) => [module, used[module] ?? here("./kit/unused.ts")])),
});

/** What esbuild needs to make one CommonJS file of a service: `build({ ...serviceOptions("registrator"), outfile })`. */
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
