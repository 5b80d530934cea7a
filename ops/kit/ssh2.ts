/** Stands in for the package ssh2 in the bundles of ops/: dockerode loads it at once, and only a Docker host at ssh:// needs it. */
import { createRequire } from "node:module";

export function Client(): object {
  const ssh2 = createRequire(__filename)("ssh2") as { Client: new () => object };
  return new ssh2.Client();
}
