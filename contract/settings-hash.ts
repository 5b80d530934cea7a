import { createHash } from "node:crypto";

/**
 * A hash, in 16 hex digits, of the settings part of nginx's configuration (nginx.conf, without the upstreams). The program computes it from
 * what it renders, the reloader from what nginx runs: if they are equal, nginx runs the program's newest settings.
 */
export const settingsHash = (nginxConf: string): string =>
  createHash("sha256").update(nginxConf).digest("hex").slice(0, 16);
