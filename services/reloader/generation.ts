import { createHash } from "node:crypto";
import { z } from "zod";
import type { Applied } from "../contract";

/** A whole nginx configuration, named by a hash of what it is made of. */
export interface Generation {
  hash: string;
  /** The `desired` generation that it was rendered from; 0: without one. */
  desired: number;
  members: Applied["members"];
  /** File name to content; nginx.conf includes the others. */
  files: { "nginx.conf": string; "upstreams.conf": string; "generation.conf": string };
}

const member = z.object({ name: z.string(), containerId: z.string(), address: z.string() });

/**
 * Puts the static configuration and the rendered upstreams together.
 * @throws Error when the upstreams lack the comment lines that say what is in them
 */
export function generationOf(staticConf: string, upstreams: string): Generation {
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
    desired: Number(desired),
    members: [...upstreams.matchAll(/^# member: (.*)$/gm)].map((match) => parseMember(match[1] ?? "")),
    files: {
      "nginx.conf": staticConf,
      "upstreams.conf": upstreams,
      "generation.conf": `map "" $config_generation {\n    default "${hash}";\n}\n`,
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
