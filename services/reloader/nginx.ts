import { spawn } from "node:child_process";
import * as http from "node:http";
import { dirname } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";
import { isNotRunning } from "../kit/docker-client";
import { within } from "../kit/within";
import { servingSocket } from "./generation";
import type { Worker } from "./retirement";

/** What the reloader needs from nginx: from the binary in its own container, and from the nginx that runs in another one. */
export interface NginxPort {
  /** Runs `nginx -t`; returns its error, or undefined when the configuration is valid. */
  check(confPath: string): Promise<string | undefined>;
  /** The generations that the workers report to this many probes; unanswered probes are left out. */
  serving(probes: number): Promise<string[]>;
  /** Whether a worker of this generation answers on its socket. nginx opens the socket before: the probe then waits for the worker to start. */
  serves(hash: string): Promise<boolean>;
  /** The ids of the stack's running nginx containers. */
  containers(): Promise<string[]>;
  /** All workers in these containers. */
  workers(containerIds: string[]): Promise<Worker[]>;
  /** Which of these addresses accept a connection from nginx's container. It starts a process there, so not for every reload. */
  reachable(containerIds: string[], addresses: string[]): Promise<string[]>;
  /** Tells nginx to read `current` again. */
  reload(containerIds: string[]): Promise<void>;
  /** Tells nginx to reopen its log files. */
  reopenLogs(containerIds: string[]): Promise<void>;
}

const CHECK_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 500;
/** For connection attempts that run in parallel and time out after a second each. */
const REACH_LIMIT_MS = 5_000;

const top = z.object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())).nullable() });

/** nginx's workers (and cache helpers, which live as long) among the lines of `docker top`. */
export function parseTop(answer: unknown): Worker[] {
  const { Titles, Processes } = top.parse(answer);
  const pidAt = Titles.indexOf("PID");
  return (Processes ?? []).flatMap((line) => {
    const title = line.at(-1) ?? "";
    const isWorker = /nginx: (worker|cache manager|cache loader) process/.test(title);
    return isWorker ? [{ pid: line[pidAt] ?? "", isShuttingDown: title.includes("shutting down") }] : [];
  });
}

export function nginxPort(docker: Docker, stack: string, statusSocket: string): NginxPort {
  return {
    check: (confPath) =>
      new Promise((resolve) => {
        const args = ["-t", "-q", "-e", "stderr", "-c", confPath];
        // nginx opens its log files, /dev/stdout among them. Node's own pipes are sockets, which cannot be opened: it must be the container's.
        const nginx = spawn("nginx", args, { stdio: ["ignore", "inherit", "pipe"], timeout: CHECK_LIMIT_MS });
        let stderr = "";
        nginx.once("error", (error) => resolve(`nginx -t cannot be started: ${error.message}`));
        // Undefined when no file descriptor is free: then only "error" is emitted, and must still be handled.
        const output = nginx.stderr as typeof nginx.stderr | undefined;
        output?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        nginx.once("close", (code, signal) => {
          if (code === 0) resolve(undefined);
          else if (signal !== null) resolve(`nginx -t took longer than ${CHECK_LIMIT_MS} ms`);
          else
            resolve(
              stderr.replaceAll(`${dirname(confPath)}/`, "").trim() || `nginx -t exited with status ${code ?? 0}`,
            );
        });
      }),
    async serving(probes) {
      const answers = await Promise.all(Array.from({ length: probes }, () => askNginx(statusSocket, "/generation")));
      return answers.filter((answer) => answer !== undefined);
    },
    async serves(hash) {
      return (await ask(servingSocket(dirname(statusSocket), hash), "/"))?.status === 204;
    },
    async containers() {
      const label = [`${STACK_LABEL}=${stack}`, `${ROLE_LABEL}=nginx`];
      const found = await docker.listContainers({ filters: { label, status: ["running"] } });
      return found.map(({ Id }) => Id);
    },
    async workers(containerIds) {
      const seen = await Promise.all(containerIds.map((id) => unlessGone(workersOf(id), [])));
      return seen.flat();
    },
    async reachable(containerIds, addresses) {
      const seen = await Promise.all(containerIds.map((id) => unlessGone(connect(id, addresses), addresses)));
      return addresses.filter((address) => seen.some((one) => one.includes(address)));
    },
    reload: (containerIds) => signal(containerIds, "HUP"),
    reopenLogs: (containerIds) => signal(containerIds, "USR1"),
  };

  async function signal(containerIds: string[], name: string): Promise<void> {
    await Promise.all(containerIds.map((id) => unlessGone(docker.getContainer(id).kill({ signal: name }), undefined)));
  }

  async function connect(containerId: string, addresses: string[]): Promise<string[]> {
    const script = `for at; do timeout 1 bash -c 'exec 3<>"/dev/tcp/\${0%:*}/\${0##*:}"' "$at" 2>/dev/null && echo "$at" & done; wait`;
    const exec = await docker
      .getContainer(containerId)
      .exec({ Cmd: ["bash", "-c", script, "bash", ...addresses], AttachStdout: true, Tty: true });
    const stream = await exec.start({ Tty: true });
    const text = await within(REACH_LIMIT_MS, "a process in nginx's container", textOf(stream)).finally(() =>
      stream.destroy(),
    );
    // An image without bash cannot probe: all addresses count as reachable.
    return (await exec.inspect()).ExitCode === 0 ? text.split(/\s+/) : addresses;
  }

  async function workersOf(containerId: string): Promise<Worker[]> {
    return parseTop(await docker.getContainer(containerId).top({ ps_args: "-eo pid,args" }));
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Returns `otherwise` for a container that has ended meanwhile: it has no workers and needs no reload. */
async function unlessGone<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (isNotRunning(error)) return otherwise;
    throw error;
  }
}

/** nginx's response on its status socket; undefined when it does not answer. */
export async function askNginx(socketPath: string, path: "/generation" | "/status"): Promise<string | undefined> {
  const answer = await ask(socketPath, path);
  return answer?.status === 200 ? answer.text.trim() : undefined;
}

/** On a connection of its own, so that any worker may take it. */
function ask(socketPath: string, path: string): Promise<{ status: number; text: string } | undefined> {
  return new Promise((resolve) => {
    const options = { socketPath, path, agent: false, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) };
    const request = http.get(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", () => resolve(undefined));
    });
    request.on("error", () => resolve(undefined));
  });
}
