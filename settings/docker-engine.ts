/** Which Docker engine this program's containers run on, and at which path of the host they find its socket. */
import { createHash } from "crypto";
import { readFileSync, realpathSync } from "fs";
import { homedir } from "os";
import { join } from "path";
import Docker from "dockerode";
import { DOCKER_SOCKET } from "../contract/paths";
import { refusal } from "./refusal";

export interface EngineAddress {
  /** unix:///path, or tcp:// or ssh:// of this very machine. */
  url: string;
  /** Who said so, for messages. */
  source: string;
}

/** What Docker says of itself, as far as it matters here. */
export interface EngineInfo {
  OperatingSystem?: string;
  SecurityOptions?: string[];
}

/**
 * The engine that @pulumi/docker will use: docker:context (or DOCKER_CONTEXT), docker:host, DOCKER_HOST, the default, in this order.
 * @throws pulumi.RunError when it is on another machine, where this stack cannot work, or not the one that the dynamic resources ask
 */
export function engineAddress(
  config: { host?: string; context?: string },
  env: NodeJS.ProcessEnv = process.env,
): EngineAddress {
  const context = config.context ?? env.DOCKER_CONTEXT ?? "";
  const named =
    context !== "" && context !== "default"
      ? { url: contextHost(context, env), source: `the Docker context ${context}` }
      : config.host
        ? { url: config.host, source: "docker:host" }
        : env.DOCKER_HOST
          ? { url: env.DOCKER_HOST, source: "DOCKER_HOST" }
          : { url: `unix://${DOCKER_SOCKET}`, source: "the default" };
  const isHere =
    /^(unix|npipe):\/\//.test(named.url) ||
    /^\w+:\/\/([^/@]*@)?(localhost|127(\.\d+){3}|\[::1\])(:|\/|$)/.test(named.url);
  if (!isHere) {
    throw refusal(
      `Docker's engine is ${named.url} (from ${named.source}), on another machine, and this stack needs the engine of the machine that runs ` +
        "`up`: it asks Consul at 127.0.0.1. Run it on that machine, or name this one's engine. Nothing was changed.",
    );
  }
  if (named.url !== (env.DOCKER_HOST || `unix://${DOCKER_SOCKET}`)) {
    throw refusal(
      `Docker's engine is ${named.url} (from ${named.source}), and what waits for the containers asks the one that DOCKER_HOST names: ` +
        `export DOCKER_HOST=${named.url}. Nothing was changed.`,
    );
  }
  return named;
}

/** Where `docker context` keeps the address of a context. */
function contextHost(name: string, env: NodeJS.ProcessEnv): string {
  const id = createHash("sha256").update(name).digest("hex");
  const file = join(env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "contexts", "meta", id, "meta.json");
  let host: unknown;
  try {
    const meta = JSON.parse(readFileSync(file, "utf8")) as { Endpoints?: { docker?: { Host?: unknown } } };
    host = meta.Endpoints?.docker?.Host;
  } catch {
    // Said below.
  }
  if (typeof host === "string" && host !== "") return host;
  throw refusal(
    `there is no Docker context ${JSON.stringify(name)} (looked for in ${file}): docker context ls lists them`,
  );
}

/** A client of the engine at that address. */
export function connect({ url }: EngineAddress): Docker {
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1];
  if (socketPath !== undefined) return new Docker({ socketPath });
  // dockerode reads DOCKER_HOST, and the variables of TLS with it.
  if (url === process.env.DOCKER_HOST) return new Docker();
  const { protocol, hostname, port, username } = new URL(url);
  return new Docker({
    protocol: protocol === "ssh:" ? "ssh" : protocol === "https:" ? "https" : "http",
    host: hostname,
    port: port || (protocol === "ssh:" ? "22" : "2375"),
    ...(username !== "" && { username }),
  });
}

/**
 * The path to mount into containers. An engine of this very Linux finds its own socket where we do (a rootless one has it in
 * $XDG_RUNTIME_DIR); one in a virtual machine (Docker Desktop, or any on another system) has it at the usual place in there.
 * @throws pulumi.RunError when a rootless engine is reached by TCP, so that its socket is not known
 */
export function socketToMount({ url, source }: EngineAddress, info: EngineInfo, platform = process.platform): string {
  if (platform !== "linux" || info.OperatingSystem === "Docker Desktop") return DOCKER_SOCKET;
  const path = /^unix:\/\/(.+)$/.exec(url)?.[1];
  if (path !== undefined) return sameFile(path, DOCKER_SOCKET) ? DOCKER_SOCKET : path;
  if (!(info.SecurityOptions ?? []).some((option) => /^name=rootless\b/.test(option))) return DOCKER_SOCKET;
  throw refusal(
    `Docker's engine at ${url} (from ${source}) is a rootless one, and registrator and consul-template mount its socket, whose path TCP does not ` +
      "tell. Name the socket: export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/docker.sock. Nothing was changed.",
  );
}

/** So that /run/docker.sock and /var/run/docker.sock make the same containers. */
function sameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return a === b;
  }
}
