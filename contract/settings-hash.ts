import { createHash } from "node:crypto";

/**
 * 16 hex digits that stand for the settings part of nginx's configuration (nginx.conf, without the upstreams). The program computes it from
 * what it renders, the reloader from what nginx runs: equal means that nginx runs the program's newest settings.
 */
export const settingsHash = (nginxConf: string): string =>
  createHash("sha256").update(nginxConf).digest("hex").slice(0, 16);
