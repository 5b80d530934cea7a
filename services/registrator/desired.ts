import { createHash } from "node:crypto";
import { CHECK_NETWORK_LABEL, NETWORK_LABEL } from "../../contract/labels";
import { CONTAINER_ID, CONTAINER_NAME } from "../../contract/service-meta";
import type { ContainerView, Registration } from "./model";
import { asksForService, isOff, parseCheck, parseTags, portMetadata } from "./service-labels";

/** The Meta entry that marks a service as registrator's. It never changes a service without it, or of another stack. */
export const MANAGED_BY = "managed-by";
export const OWNER = "registrator";

/** The services that a container's labels ask for, whether or not it is ready, and the problems found in those labels. */
export interface DesiredServices {
  registrations: Registration[];
  problems: string[];
}

/** Whether the container can serve, as far as Docker knows. A paused one cannot: its processes are frozen and its health is stale. */
export function isReady(container: ContainerView): boolean {
  return (
    container.running &&
    !container.paused &&
    !container.restarting &&
    (container.health === "none" || container.health === "healthy")
  );
}

/** The desired services of a container: one for each exposed port that SERVICE_NAME or SERVICE_<port>_NAME names. */
export function desiredServices(
  stack: string,
  container: ContainerView,
  networkRoles: ReadonlyMap<string, string>,
): DesiredServices {
  const { env, labels } = container;
  if (!asksForService(env, labels)) return { registrations: [], problems: [] };
  const address = addressFor(container, NETWORK_LABEL, labels[NETWORK_LABEL], networkRoles);
  const probed = addressFor(
    container,
    labels[CHECK_NETWORK_LABEL] === undefined ? NETWORK_LABEL : CHECK_NETWORK_LABEL,
    labels[CHECK_NETWORK_LABEL] ?? labels[NETWORK_LABEL],
    networkRoles,
  );
  if ("problem" in address) return { registrations: [], problems: [address.problem] };
  if ("problem" in probed) return { registrations: [], problems: [probed.problem] };

  const problems: string[] = [];
  const registrations: Registration[] = [];
  for (const { port, protocol } of container.exposedPorts) {
    const { values, ofPort } = portMetadata(env, labels, port);
    const name = values.get("name");
    if (name === undefined || name === "" || !isOff(values.get("ignore"))) continue;
    const { check, problems: checkProblems } = parseCheck(values, probed.address, port);
    const metadata = metaOf(values);
    problems.push(...checkProblems, ...metadata.problems);
    const several = container.exposedPorts.length > 1;
    const udp = protocol === "udp";
    registrations.push(
      marked(stack, container, {
        id: values.get("id") ?? `${stack}:${container.name}:${port}${udp ? ":udp" : ""}`,
        name: several && !ofPort.has("name") ? `${name}-${port}` : name,
        tags: [...parseTags(values.get("tags") ?? ""), ...(udp ? ["udp"] : [])],
        meta: metadata.meta,
        address: address.address,
        port,
        ...(check === undefined ? {} : { check }),
      }),
    );
  }
  if (registrations.length === 0 && container.exposedPorts.length === 0) {
    problems.push("SERVICE_NAME is set, but the image exposes no port to register: add EXPOSE to the image");
  }
  return { registrations, problems };
}

/** Adds registrator's own Meta, with a digest of the check: Consul does not return check definitions, so the digest reveals a change. */
function marked(stack: string, container: ContainerView, registration: Registration): Registration {
  const digest = createHash("sha256")
    .update(JSON.stringify(registration.check ?? null))
    .digest("hex")
    .slice(0, 16);
  return {
    ...registration,
    meta: {
      ...registration.meta,
      [MANAGED_BY]: OWNER,
      stack,
      [CONTAINER_NAME]: container.name,
      [CONTAINER_ID]: container.id,
      "check-digest": digest,
    },
  };
}

const NOT_META = /^(name|tags|id|ignore|check_.*)$/;
const META_KEY = /^[a-z0-9_-]{1,128}$/;

function metaOf(values: Map<string, string>): { meta: Record<string, string>; problems: string[] } {
  const meta: Record<string, string> = {};
  const problems: string[] = [];
  for (const [key, value] of values) {
    if (NOT_META.test(key)) continue;
    if (META_KEY.test(key) && value.length <= 512) meta[key] = value;
    else
      problems.push(
        `SERVICE_${key.toUpperCase()} cannot become Consul metadata: allowed are letters, digits, _ and - in the name and at most 512 characters in the value`,
      );
  }
  return { meta, problems };
}

type Found = { address: string } | { problem: string };

/** The container's address on the network whose role the label names; without a label, on its only network. */
function addressFor(
  container: ContainerView,
  label: string,
  role: string | undefined,
  networkRoles: ReadonlyMap<string, string>,
): Found {
  const attached = container.networks.map(({ networkName }) => networkName).join(", ") || "none";
  const having = container.networks.filter(({ address }) => address !== "");
  const candidates = role === undefined ? having : having.filter((one) => networkRoles.get(one.networkId) === role);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return { address: only.address };
  if (role !== undefined) {
    return {
      problem: `${label}=${role}: the container must have an address on exactly one network of that role; attached to: ${attached}`,
    };
  }
  return {
    problem: `label ${label} is missing: it must name the network to register, since the container is attached to: ${attached}`,
  };
}
