import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { Applied } from "../../contract/consul-kv";
import { NGINX_DIR } from "../../contract/paths";
import { settingsHash } from "../../contract/settings-hash";

/** A whole nginx configuration, named by a hash of what it is made of. */
export interface Generation {
  hash: string;
  /** Of nginx.conf alone, as Rollout computes it: `settingsHash`. */
  settingsHash: string;
  /** The `desired` generation that it was rendered from; 0: without one. */
  desired: number;
  members: Applied["members"];
  /** File name to content; nginx.conf includes the others. */
  files: { "nginx.conf": string; "upstreams.conf": string; "generation.conf": string };
}

/** nginx's workers end by themselves, without a limit in its configuration; so much is taken for the longest (`preview` allows no more). */
const LONGEST_LIFE_SECONDS = 660;

/** How long a worker of this configuration may live after it was told to end. */
export const workerLifeMs = ({ files }: Generation): number =>
  1000 * Number(/^\s*worker_shutdown_timeout\s+(\d+)s?;/m.exec(files["nginx.conf"])?.[1] ?? LONGEST_LIFE_SECONDS);

const member = z.object({ name: z.string(), containerId: z.string(), address: z.string() });

/** Where the workers of one configuration answer, and no others. nginx makes it at the reload and removes it at the next. */
export const servingSocket = (dir: string, hash: string): string => join(dir, `${SERVING}${hash}.sock`);
export const SERVING = "serving-";

/**
 * Puts the static configuration and the rendered upstreams together.
 * @param dir the volume, by the path that nginx and the reloader both have
 * @throws Error when the upstreams lack the comment lines that say what is in them
 */
export function generationOf(staticConf: string, upstreams: string, dir = NGINX_DIR): Generation {
  const hash = createHash("sha256")
    .update(`${staticConf.length}:`)
    .update(staticConf)
    .update(upstreams)
    .digest("hex")
    .slice(0, 16);
  const desired = /^# generation: (\d+)\s*$/m.exec(upstreams)?.[1];
  if (desired === undefined) throw new Error("upstreams.conf has no line '# generation: <number>'");
  return {
    hash,
    settingsHash: settingsHash(staticConf),
    desired: Number(desired),
    members: [...upstreams.matchAll(/^# member: (.*)$/gm)].map((match) => parseMember(match[1] ?? "")),
    files: {
      "nginx.conf": staticConf,
      "upstreams.conf": upstreams,
      "generation.conf": [
        `map "" $config_generation {`,
        `    default "${hash}";`,
        "}",
        "# Only workers of this configuration listen here: the first answer says that it is served.",
        "server {",
        `    listen unix:${servingSocket(dir, hash)};`,
        "    access_log off;",
        `    return 204;`,
        "}",
        "",
      ].join("\n"),
    },
  };
}

function parseMember(text: string): Applied["members"][number] {
  try {
    return member.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`upstreams.conf has an unreadable line '# member: ${text}'`, { cause: error });
  }
}
