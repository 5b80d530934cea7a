/**
 * Docker's predefined proxy arguments, which a client adds to each build: they are no part of an image, nor of the builder's cache, nor of the
 * state. From the client's configuration as docker's own client takes them, else from the environment, as a host behind a proxy has them.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

export interface BuildProxy {
  /** Argument to value, each in upper and in lower case. */
  readonly arguments: Record<string, string>;
  /** True when a proxy is on this machine's loopback address, which a build reaches in the host's own network alone. */
  readonly onLoopback: boolean;
}

/** Key of the client's configuration to argument. */
const NAMES = {
  httpProxy: "HTTP_PROXY",
  httpsProxy: "HTTPS_PROXY",
  noProxy: "NO_PROXY",
  ftpProxy: "FTP_PROXY",
  allProxy: "ALL_PROXY",
} as const;

const settings = z.record(z.record(z.string())).catch({});
const configuration = z.object({ proxies: settings.optional() }).catch({});

/** @param given the build's own arguments, which win; @param host the engine's address, for which the configuration may have proxies of its own */
export function buildProxy(given: Record<string, string>, host: string, env = process.env): BuildProxy {
  const { proxies = {} } = configuration.parse(clientConfiguration(env));
  const configured = proxies[host] ?? proxies["default"] ?? {};
  const all: Record<string, string> = {};
  for (const [key, upper] of Object.entries(NAMES)) {
    const lower = upper.toLowerCase();
    const value = configured[key] ?? (env[lower] || env[upper]);
    if (!value || given[upper] !== undefined || given[lower] !== undefined) continue;
    all[upper] = value;
    all[lower] = value;
  }
  const onLoopback = Object.entries(all).some(([name, value]) => !/^no_/i.test(name) && isLoopback(value));
  return { arguments: all, onLoopback };
}

function clientConfiguration(env: NodeJS.ProcessEnv): unknown {
  try {
    const folder = env["DOCKER_CONFIG"] || join(homedir(), ".docker");
    return JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as unknown;
  } catch {
    // None, or none that can be read: docker's own client goes on without it, too.
    return {};
  }
}

const isLoopback = (proxy: string): boolean =>
  /^(\w+:\/\/)?([^/@]*@)?(localhost|127(\.\d+){3}|\[::1\])(:|\/|$)/i.test(proxy);
