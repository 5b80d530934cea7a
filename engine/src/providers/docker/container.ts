/** docker.Container: creating, updating, reading and deleting. */
import type Docker from "dockerode";
import { z } from "zod";
import {
  ResourceInitError,
  type Attempt,
  type CheckFailure,
  type DeleteRequest,
  type Json,
  type JsonObject,
} from "../../provider";
import { sameField } from "../plan";
import { flag, number, object, objects, text } from "../value";
import { hasFailed, markFailed, replaceFailed } from "./container-failed";
import { followLogs, lastLines } from "./container-logs";
import { containerOutputs, inspectAnswer, type Inspected } from "./container-read";
import { containerFields, updatableInPlace } from "./container-schema";
import { containerBody, endpointBody, MIB, updatableLimits } from "./container-spec";
import { uploadFiles } from "./container-upload";
import { invalidContainer } from "./container-check";
import { inspect, waitUntilHealthy, type Failure } from "./container-wait";
import { daemonMessage, ifFound, isConflict, isNotFound, isNotModified } from "./daemon-error";
import { ensureImage } from "./image-pull";
import { startFailure } from "./port-conflict";
import { timeoutsMeta, untilRemoved, type Call, type Created, type ResourceKind } from "./resource";

const REMOVAL_LIMIT_MS = 60_000;

export const containerKind: ResourceKind = {
  fields: containerFields,
  autoName: "name",
  meta: { ...timeoutsMeta, schema_version: "2" },
  outputs: [
    "bridge",
    "containerLogs",
    "exitCode",
    "networkDatas",
    "command",
    "entrypoints",
    "hostname",
    "init",
    "ipcMode",
  ]
    .concat(["logDriver", "platform", "runtime", "securityOpts", "shmSize", "stopSignal", "stopTimeout", "healthcheck"])
    .concat(["envs", "labels"]),
  deleteBeforeReplace: () => true,
  invalid: (inputs: JsonObject): CheckFailure[] => invalidContainer(inputs),
  completeDiff: replaceFailed,
  create,
  read,
  update,
  delete: remove,
  async discard(call, { inputs, attempt, keep }) {
    const { docker } = call.connection;
    const name = text(inputs, "name");
    const found = await ifFound(docker.getContainer(name).inspect());
    if (!found || found.Name !== `/${name}` || keep.has(found.Id)) return true;
    const mark = markOf(found.HostConfig);
    if (attempt !== undefined && mark === markOf(attemptMark(attempt))) {
      await ifFound(docker.getContainer(found.Id).remove({ force: true, v: true }));
      return true;
    }
    // Another attempt's: this one, which would have met it, has made nothing.
    if (attempt !== undefined && mark.startsWith(MARK)) return true;
    return `a container ${name} exists, and nothing proves whose it is: \`docker rm -f -v ${name}\``;
  },
};

/**
 * What a container is known by, should the run end before its id is in the state. Docker keeps the name of the file that `docker run
 * --cidfile` would write, and does nothing with it; no provider reads it.
 */
const MARK = "pulumi-attempt:";
const attemptMark = (attempt: string): { ContainerIDFile: string } => ({ ContainerIDFile: `${MARK}${attempt}` });
const markOf = (hostConfig: object): string => {
  const { ContainerIDFile: mark } = hostConfig as { ContainerIDFile?: unknown };
  return typeof mark === "string" ? mark : "";
};

async function create(call: Call, inputs: JsonObject, timeoutMs: number, attempt: Attempt): Promise<Created> {
  const { docker, apiMinor } = call.connection;
  const name = text(inputs, "name");
  await ensureImage(call, text(inputs, "image"), "");
  refuseWhatIsTooNew(inputs, apiMinor);
  const platform = text(inputs, "platform");
  const body = containerBody(inputs);
  const HostConfig = { ...object(body, "HostConfig"), ...(attempt.name === "" ? {} : attemptMark(attempt.name)) };
  const options = { name, ...(platform === "" ? {} : { platform }), ...body, HostConfig };
  const container = await docker.createContainer(options as Docker.ContainerCreateOptions).catch((error: unknown) => {
    const hint = isConflict(error) ? ` If it is a leftover: \`docker rm -f ${name}\`` : "";
    throw new Error(`container ${name} cannot be created: ${daemonMessage(error)}${hint}`);
  });
  // From here on something exists. Invariant: it is removed again, or it is reported with its id.
  try {
    await connectNetworks(call, container.id, inputs);
    await uploadFiles(call, container, objects(inputs, "uploads"));
    if (inputs["start"] !== false) await start(container, name, inputs);
  } catch (error) {
    await discard(container, name, error);
  }
  if (inputs["start"] === false) return finished(container, inputs);
  return settle(call, container, inputs, timeoutMs);
}

/** Removes a container that could not be brought up, and passes the reason on. */
async function discard(container: Docker.Container, name: string, cause: unknown): Promise<never> {
  const message = cause instanceof Error ? cause.message : String(cause);
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (!isNotFound(error)) {
      const reason = `${message}; and what was created could not be removed: ${daemonMessage(error)}`;
      throw new ResourceInitError(reason, container.id, { name }, [reason]);
    }
  }
  throw cause;
}

function refuseWhatIsTooNew(inputs: JsonObject, apiMinor: number): void {
  const needs = (what: string, docker: string): never => {
    throw new Error(
      `container ${text(inputs, "name")}: ${what} needs Docker ${docker} or newer; this one speaks API 1.${apiMinor}`,
    );
  };
  const startInterval = text(object(inputs, "healthcheck") ?? {}, "startInterval");
  if (apiMinor < 44 && startInterval !== "" && startInterval !== "0s") needs("healthcheck.startInterval", "25.0");
  if (apiMinor < 48 && objects(inputs, "networksAdvanced").some((network) => number(network, "gwPriority") > 0)) {
    needs("networksAdvanced.gwPriority", "28.0");
  }
  const subpath = objects(inputs, "mounts").some(
    (mount) => text(object(mount, "volumeOptions") ?? {}, "subpath") !== "",
  );
  if (apiMinor < 45 && subpath) needs("mounts.volumeOptions.subpath", "26.0");
}

async function connectNetworks(call: Call, id: string, inputs: JsonObject): Promise<void> {
  const networks = objects(inputs, "networksAdvanced");
  if (networks.length === 0) return;
  const { docker } = call.connection;
  try {
    await docker.getNetwork("bridge").disconnect({ Container: id, Force: false });
  } catch (error) {
    if (!/is not connected to (the )?network/i.test(daemonMessage(error)) && !isNotFound(error))
      throw new Error(daemonMessage(error), { cause: error });
  }
  for (const network of networks) {
    const target = text(network, "name");
    try {
      await docker.getNetwork(target).connect({ Container: id, EndpointConfig: endpointBody(network) });
    } catch (error) {
      throw new Error(
        `container ${text(inputs, "name")} cannot be connected to network ${target}: ${daemonMessage(error)}`,
        { cause: error },
      );
    }
  }
}

async function start(container: Docker.Container, name: string, inputs: JsonObject): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    if (!isNotModified(error)) throw new Error(startFailure(name, inputs, daemonMessage(error)), { cause: error });
  }
}

/** After the start: health, or the end of a one-shot; then the outputs. */
async function settle(
  call: Call,
  container: Docker.Container,
  inputs: JsonObject,
  timeoutMs: number,
): Promise<Created> {
  if (flag(inputs, "wait")) {
    const seconds = typeof inputs["waitTimeout"] === "number" ? inputs["waitTimeout"] : 60;
    const limits = { name: text(inputs, "name"), timeoutMs: seconds * 1000, signal: call.signal };
    const failure = await waitUntilHealthy(container, limits).catch((error: unknown) => ({
      summary: `waiting for container ${limits.name} ended: ${daemonMessage(error)}`,
      details: [],
    }));
    if (failure !== undefined) throw await initError(container, inputs, failure);
  }
  if (!flag(inputs, "attach")) return finished(container, inputs);
  try {
    return await attach(call, container, inputs, timeoutMs);
  } catch (error) {
    const summary = `container ${text(inputs, "name")} did not end: ${daemonMessage(error)}`;
    throw await initError(container, inputs, { summary, details: await lastLines(container, flag(inputs, "tty")) });
  }
}

async function attach(
  call: Call,
  container: Docker.Container,
  inputs: JsonObject,
  timeoutMs: number,
): Promise<Created> {
  const name = text(inputs, "name");
  const collect = flag(inputs, "logs") ? await ifFound(followLogs(container, flag(inputs, "tty"))) : undefined;
  const exitCode = await waitForEnd(call, container, timeoutMs);
  const containerLogs = collect === undefined ? null : await collect();
  if (exitCode !== 0) {
    const lines = await lastLines(container, flag(inputs, "tty"), 5);
    call.log(
      "warning",
      `container ${name} ended with exit code ${exitCode}${lines.length > 0 ? `: ${lines.join(" | ")}` : ""}`,
      call.urn,
    );
  }
  return finished(container, inputs, { exitCode, ...(containerLogs === null ? {} : { containerLogs }) });
}

const exitAnswer = z.object({ StatusCode: z.number() });

/** @returns the exit code. */
async function waitForEnd(call: Call, container: Docker.Container, timeoutMs: number): Promise<number> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const abortSignal = AbortSignal.any([call.signal, timeout]);
  try {
    return exitAnswer.parse(await container.wait({ condition: "not-running", abortSignal })).StatusCode;
  } catch (error) {
    if (timeout.aborted) throw new Error(`it still runs after ${timeoutMs / 1000} s`, { cause: error });
    throw error;
  }
}

async function finished(container: Docker.Container, inputs: JsonObject, extra: JsonObject = {}): Promise<Created> {
  // A one-shot with `rm` is gone by now; its outputs are its inputs.
  const inspected = (await inspect(container)) ?? goneContainer(container.id, inputs);
  return { id: container.id, outputs: containerOutputs(inputs, inspected, extra) };
}

const goneContainer = (id: string, inputs: JsonObject): Inspected =>
  inspectAnswer.parse({
    Id: id,
    Name: text(inputs, "name"),
    State: { Running: false },
    Config: { Image: text(inputs, "image") },
    HostConfig: { NetworkMode: text(inputs, "networkMode"), AutoRemove: flag(inputs, "rm") },
  });

/** Its outputs are marked, so that the next update starts afresh. */
async function initError(
  container: Docker.Container,
  inputs: JsonObject,
  failure: Failure,
): Promise<ResourceInitError> {
  const { outputs } = await finished(container, inputs);
  const message = [failure.summary, ...failure.details].join("\n");
  return new ResourceInitError(message, container.id, markFailed(outputs), [message]);
}

async function read(call: Call, id: string, known: JsonObject, old: JsonObject): Promise<Created | undefined> {
  const container = call.connection.docker.getContainer(id);
  const inspected = await inspect(container);
  // A name or a short id finds a container too, as for an import.
  if (inspected === undefined) return undefined;
  const kept: JsonObject = {};
  for (const key of ["containerLogs", "exitCode"]) if (old[key] !== undefined) kept[key] = old[key];
  const outputs = containerOutputs(known, inspected);
  for (const [key, value] of Object.entries(kept))
    outputs[key] = inspected.State.Running || outputs[key] === null ? value : (outputs[key] ?? null);
  const cured = inspected.State.Running && (!flag(known, "wait") || inspected.State.Health?.Status === "healthy");
  const stillFailed = Object.keys(old).length > 0 && hasFailed(old) && !cured;
  return { id: inspected.Id, outputs: stillFailed ? markFailed(outputs) : outputs };
}

async function update(call: Call, id: string, inputs: JsonObject, old: JsonObject): Promise<JsonObject> {
  const container = call.connection.docker.getContainer(id);
  const name = text(inputs, "name");
  const changed = (key: string): boolean => {
    const field = containerFields[key];
    return field !== undefined && !sameField(field, old[key], inputs[key]);
  };
  if (updatableInPlace.some(changed)) {
    const body = updatableLimits(inputs);
    const memory = number(inputs, "memory");
    // Docker sets the swap limit to twice the memory at creation, and refuses a memory above it later.
    if (memory > 0 && inputs["memorySwap"] === undefined) body["MemorySwap"] = 2 * memory * MIB;
    await container.update(body).catch((error: unknown) => {
      throw new Error(`container ${name} cannot be updated: ${daemonMessage(error)}`);
    });
  }
  const wasStopped = old["mustRun"] === false && inputs["mustRun"] !== false;
  if (inputs["start"] !== false && (wasStopped || old["start"] === false)) {
    await start(container, name, inputs);
    if (flag(inputs, "wait")) return (await settle(call, container, { ...inputs, attach: false }, 0)).outputs;
  }
  const kept: JsonObject = {};
  for (const key of ["containerLogs", "exitCode"]) if ((old[key] ?? null) !== null) kept[key] = old[key] as Json;
  return (await finished(container, inputs, kept)).outputs;
}

async function remove(call: Call, request: DeleteRequest): Promise<void> {
  const container = call.connection.docker.getContainer(request.id);
  const { oldOutputs } = request;
  const name = text(oldOutputs, "name") || request.id;
  const fail = (doing: string) => (error: unknown) => {
    if (isNotFound(error) || isNotModified(error)) return;
    throw new Error(`container ${name} cannot be ${doing}: ${daemonMessage(error)}`);
  };
  // Without destroyGraceSeconds: TERM and KILL at once, as the real provider does.
  if (!flag(oldOutputs, "attach")) {
    await container.stop({ t: Math.max(0, number(oldOutputs, "destroyGraceSeconds")) }).catch(fail("stopped"));
  }
  await container.remove({ force: true, v: oldOutputs["removeVolumes"] !== false }).catch((error: unknown) => {
    // `rm` removes it too: that removal is waited for below.
    if (!isConflict(error) || !/already in progress/i.test(daemonMessage(error))) fail("removed")(error);
  });
  const left = new Error(`container ${name} is still there ${REMOVAL_LIMIT_MS / 1000} s after its removal`);
  const gone = async (): Promise<void> => {
    if ((await inspect(container)) !== undefined) throw left;
  };
  const { signal } = call;
  await untilRemoved(gone, { limitMs: REMOVAL_LIMIT_MS, signal, mayPass: (error) => error === left });
}
