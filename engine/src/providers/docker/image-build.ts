/** Building an image with the daemon's own builder: BuildKit, or the classic one where it is asked for. */
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { Json, JsonObject } from "../../provider";
import { flag, number, objects, text, textMap, texts } from "../value";
import { buildContext } from "./build-context";
import { buildProxy } from "./build-proxy";
import { BuildProgress } from "./build-progress";
import { openSession } from "./build-session";
import { daemonMessage } from "./daemon-error";
import type { Call } from "./resource";

export async function buildImage(call: Call, name: string, build: JsonObject): Promise<void> {
  const { docker, host, buildKit, login } = call.connection;
  const classic = !buildKit || flag(build, "useLegacyBuilder") || text(build, "version") === "1";
  const remote = text(build, "remoteContext");
  const folder = resolve(call.programFolder, text(build, "context"));
  const dockerfile = text(build, "dockerfile") || "Dockerfile";
  const fail = (reason: string, cause?: unknown): Error =>
    new Error(
      `image ${name} cannot be built from ${remote || folder}: ${reason}`,
      cause === undefined ? {} : { cause },
    );
  const context = remote === "" ? await buildContext(folder, dockerfile) : undefined;
  let contextError: Error | undefined;
  context?.stream.on("error", (error) => (contextError = error));
  const progress = new BuildProgress((line) => call.log("info", line, call.urn));
  const session = classic ? undefined : await openSession(docker, login);
  try {
    const query = {
      ...behindProxy(buildOptions(name, build), build, host),
      version: classic ? "1" : "2",
      dockerfile: context?.dockerfile ?? dockerfile,
      ...(remote === "" ? {} : { remote }),
      ...(session === undefined ? {} : { session: session.id }),
    };
    const answer = await post(call, docker, query, context?.stream, registryLogins(build));
    await new Promise<void>((done, failed) => {
      docker.modem.followProgress(
        answer,
        // A build error arrives as an event too, which knows the step.
        (error) => (error === null || progress.problem() !== undefined ? done() : failed(error)),
        (event: unknown) => progress.take(event),
      );
    });
  } catch (error) {
    throw fail(contextError?.message ?? daemonMessage(error), error);
  } finally {
    context?.stream.destroy();
    session?.close();
  }
  const problem = progress.problem();
  if (problem !== undefined) throw fail(problem);
}

/** Not dockerode's buildImage: with BuildKit that opens a session of its own, which long builds outlive. */
function post(
  call: Call,
  docker: Docker,
  query: JsonObject,
  body: Readable | undefined,
  registryconfig: JsonObject,
): Promise<NodeJS.ReadableStream> {
  return new Promise((done, failed) => {
    const options = {
      path: "/build?",
      method: "POST",
      options: { _query: query, _body: {} },
      isStream: true,
      statusCodes: { 200: true },
      abortSignal: call.signal,
      ...(body === undefined ? {} : { file: body }),
      ...(Object.keys(registryconfig).length > 0 ? { registryconfig } : {}),
    };
    docker.modem.dial(options, (error: Error | null, answer: unknown) => {
      if (error === null) done(answer as NodeJS.ReadableStream);
      else failed(error);
    });
  });
}

/** For the classic builder, which gets them all in one header. */
const registryLogins = (build: JsonObject): JsonObject =>
  Object.fromEntries(
    objects(build, "authConfigs").map((login) => [
      text(login, "serverAddress") || text(login, "hostName"),
      {
        username: text(login, "userName"),
        password: text(login, "password"),
        auth: text(login, "auth"),
        email: text(login, "email"),
        identitytoken: text(login, "identityToken"),
        registrytoken: text(login, "registryToken"),
      },
    ]),
  );

/** Adds the proxies of this host, which the state does not know: a build that needs none of them is the same. */
function behindProxy(options: Record<string, Json>, build: JsonObject, host: string): Record<string, Json> {
  const given = textMap(build, "buildArgs");
  const { arguments: added, onLoopback } = buildProxy(given, host);
  if (Object.keys(added).length === 0) return options;
  const proxied: Record<string, Json> = { ...options, buildargs: { ...added, ...given } };
  // In a network of its own, a build's loopback address is another one.
  if (onLoopback && text(build, "networkMode") === "") proxied["networkmode"] = "host";
  return proxied;
}

/** The query of Docker's build call. Nothing that was not given is sent. */
export function buildOptions(name: string, build: JsonObject): Record<string, Json> {
  const ulimits = objects(build, "ulimits").map((limit) => ({
    Name: text(limit, "name"),
    Soft: number(limit, "soft"),
    Hard: number(limit, "hard"),
  }));
  const all: Record<string, Json> = {
    t: [name, ...texts(build, "tags")],
    rm: build["remove"] !== false,
    forcerm: flag(build, "forceRemove"),
    nocache: flag(build, "noCache"),
    q: flag(build, "suppressOutput"),
    squash: flag(build, "squash"),
    pull: flag(build, "pullParent") ? "1" : "",
    target: text(build, "target"),
    platform: text(build, "platform"),
    networkmode: text(build, "networkMode"),
    cgroupparent: text(build, "cgroupParent"),
    buildid: text(build, "buildId"),
    extrahosts: texts(build, "extraHosts").join(","),
    cpusetcpus: text(build, "cpuSetCpus"),
    cpusetmems: text(build, "cpuSetMems"),
    cpushares: number(build, "cpuShares"),
    cpuquota: number(build, "cpuQuota"),
    cpuperiod: number(build, "cpuPeriod"),
    memory: number(build, "memory"),
    memswap: number(build, "memorySwap"),
    shmsize: number(build, "shmSize"),
    buildargs: textMap(build, "buildArgs"),
    labels: { ...textMap(build, "label"), ...textMap(build, "labels") },
    cachefrom: texts(build, "cacheFroms").length > 0 ? JSON.stringify(texts(build, "cacheFroms")) : "",
    securityopt: texts(build, "securityOpts").length > 0 ? JSON.stringify(texts(build, "securityOpts")) : "",
    ulimits: ulimits.length > 0 ? JSON.stringify(ulimits) : "",
  };
  const empty = (value: Json): boolean =>
    value === "" ||
    value === 0 ||
    value === false ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  // `rm` is true unless it is said to be false.
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => key === "rm" || !empty(value)));
}
