import { CLOSED_PATHS, closedPattern } from "./closed-paths";
import { renderTemplate } from "./render";

/** What the site's settings say of nginx. */
export interface NginxSite {
  serverNames: string[];
  exposeUpstream: boolean;
  maxRequestSeconds: number;
  keepaliveMinSeconds: number;
  workerShutdownSeconds: number;
  uploadMaxMiB: number;
}

/** nginx.conf, with the fixed parts that tables of this project give. */
export const renderNginxConf = (site: NginxSite): string =>
  renderTemplate("nginx.conf.mustache", "nginx", { ...site, closedPatterns: CLOSED_PATHS.map(closedPattern) });
