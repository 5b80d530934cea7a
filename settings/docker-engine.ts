/** Which Docker engine runs this program's containers, and where its socket is on the engine's host. */
import { createHash } from "crypto";
import { readFileSync, realpathSync } from "fs";
import { homedir } from "os";
import { join } from "path";
import Docker from "dockerode";
import { DOCKER_SOCKET } from "../contract/paths";
import { refusal } from "./refusal";

export interface EngineAddress {
  /** unix:///path, or tcp:// or ssh:// of this machine. */
  url: string;
  /** Where the address comes from, for messages. */
  source: string;
}

/** The parts of Docker's info that are used here. */
export interface EngineInfo {
  OperatingSystem?: string;
  SecurityOptions?: string[];
}

/**
 * The engine that @pulumi/docker will use: docker:context (or DOCKER_CONTEXT), docker:host, DOCKER_HOST, the default, in this order.
 * @throws pulumi.RunError when it is on another machine, where this stack cannot work, or differs from the one that the dynamic resources use
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
      `Docker's engine is ${named.url} (from ${named.source}), on another machine, but this stack needs the engine of the machine that runs ` +
        "`up`, because it reaches Consul at 127.0.0.1. Run `up` on that machine, or select the engine of this one. Nothing was changed.",
    );
  }
  if (named.url !== (env.DOCKER_HOST || `unix://${DOCKER_SOCKET}`)) {
    throw refusal(
      `Docker's engine is ${named.url} (from ${named.source}), but the resources that wait for containers use the one in DOCKER_HOST: ` +
        `export DOCKER_HOST=${named.url}. Nothing was changed.`,
    );
  }
  return named;
}

/** Reads the address of a Docker context from the CLI's files. */
function contextHost(name: string, env: NodeJS.ProcessEnv): string {
  const id = createHash("sha256").update(name).digest("hex");
  const file = join(env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "contexts", "meta", id, "meta.json");
  let host: unknown;
  try {
    const meta = JSON.parse(readFileSync(file, "utf8")) as { Endpoints?: { docker?: { Host?: unknown } } };
    host = meta.Endpoints?.docker?.Host;
  } catch {
    // Reported below.
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
  // dockerode reads DOCKER_HOST and the TLS variables itself.
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
 * The socket's path to mount into containers. For an engine on this Linux it is the same path as here (a rootless one has it in
 * $XDG_RUNTIME_DIR); an engine in a virtual machine (Docker Desktop, or any on another system) has it at the usual path inside.
 * @throws pulumi.RunError when a rootless engine is reached by TCP, so that its socket's path is unknown
 */
export function socketToMount({ url, source }: EngineAddress, info: EngineInfo, platform = process.platform): string {
  if (platform !== "linux" || info.OperatingSystem === "Docker Desktop") return DOCKER_SOCKET;
  const path = /^unix:\/\/(.+)$/.exec(url)?.[1];
  if (path !== undefined) return sameFile(path, DOCKER_SOCKET) ? DOCKER_SOCKET : path;
  if (!(info.SecurityOptions ?? []).some((option) => /^name=rootless\b/.test(option))) return DOCKER_SOCKET;
  throw refusal(
    `Docker's engine at ${url} (from ${source}) is rootless and reached by TCP, so the path of its socket, which registrator and consul-template mount, is ` +
      "unknown. Use the socket: export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/docker.sock. Nothing was changed.",
  );
}

/** Makes /run/docker.sock and /var/run/docker.sock equal, so that both give the same containers. */
function sameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return a === b;
  }
}
