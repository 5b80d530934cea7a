import { CONTAINER_ID } from "../../contract/service-meta";
import { isReady, MANAGED_BY, OWNER, desiredServices } from "./desired";
import type { ActualService, CheckStatus, ContainerView, HeldIntent, Registration, StopIntent } from "./model";
import { holds, STOPPING_REASON } from "./stopping";

/** One idempotent change. */
export type Step =
  | { kind: "register"; registration: Registration; checkStatus: CheckStatus; why: string }
  | { kind: "deregister"; serviceId: string; why: string }
  | { kind: "deregister-check"; serviceId: string }
  | { kind: "maintenance"; serviceId: string; enable: boolean; reason: string }
  | { kind: "store-intent"; containerId: string; intent: StopIntent }
  | { kind: "clear-intent"; containerId: string; why: "ended" | "survived" };

/** Everything that the plan for some containers depends on. */
export interface Situation {
  stack: string;
  /** On the monotonic clock. */
  nowMs: number;
  /** A container that still runs this long after its stop signal was not being stopped. */
  intentLimitMs: number;
  /** The containers to plan for, with their present state; undefined when Docker says that the container does not exist. */
  scope: ReadonlyMap<string, ContainerView | undefined>;
  /** The container that owns each service ID, over all known containers (see `claims`). */
  claims: ReadonlyMap<string, string>;
  networkRoles: ReadonlyMap<string, string>;
  /** All services of Consul's agent, including those that registrator does not own. */
  services: ActualService[];
  intents: ReadonlyMap<string, HeldIntent>;
  /** Containers whose intent is stored in Consul already. */
  storedIntents: ReadonlySet<string>;
}

export interface Plan {
  steps: Step[];
  /** By container id: why a service that it asks for is not registered. */
  problems: Map<string, string[]>;
}

export const isOwned = (stack: string, service: ActualService): boolean =>
  service.meta[MANAGED_BY] === OWNER && service.meta.stack === stack;

/** The container that owns each service ID: of several ready ones that ask for it, the one that started first. */
export function claims(
  stack: string,
  containers: Iterable<ContainerView>,
  networkRoles: ReadonlyMap<string, string>,
): Map<string, string> {
  const byStart = [...containers].filter(isReady).sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const owners = new Map<string, string>();
  for (const container of byStart) {
    for (const { id } of desiredServices(stack, container, networkRoles).registrations) {
      if (!owners.has(id)) owners.set(id, container.id);
    }
  }
  return owners;
}

/**
 * The steps that bring Consul in line with the containers in scope.
 * INVARIANTS: only services with registrator's mark and this stack's name are changed; a container that Docker did not answer for is
 * not in scope, so none of its services is removed; a service that is up to date gets no step (registering it again would reset its
 * check); a container asked to stop is never registered, and its services stay in maintenance until it ends.
 */
export function plan(situation: Situation): Plan {
  const steps: Step[] = [];
  const problems = new Map<string, string[]>();
  const byId = new Map(situation.services.map((service) => [service.id, service]));
  for (const [containerId, container] of situation.scope) {
    const stopping = planIntent(situation, containerId, container, steps);
    const wanted = new Map<string, Registration>();
    if (container !== undefined && isReady(container)) {
      const desired = desiredServices(situation.stack, container, situation.networkRoles);
      const faults = [...desired.problems];
      for (const registration of desired.registrations) {
        const fault = conflict(situation, byId.get(registration.id), containerId, registration.id);
        if (fault === undefined) wanted.set(registration.id, registration);
        else faults.push(fault);
      }
      if (faults.length > 0) problems.set(containerId, faults);
    }
    for (const service of situation.services) {
      const isIts = isOwned(situation.stack, service) && service.meta[CONTAINER_ID] === containerId;
      if (isIts && !wanted.has(service.id) && !takenOver(situation, service, containerId)) {
        steps.push({ kind: "deregister", serviceId: service.id, why: notWantedBecause(container) });
      }
    }
    for (const registration of wanted.values()) {
      steps.push(...planService(registration, byId.get(registration.id), stopping));
    }
  }
  return { steps, problems };
}

/** Whether the container is being stopped. Adds the steps that keep the stored intent up to date. */
function planIntent(
  situation: Situation,
  containerId: string,
  container: ContainerView | undefined,
  steps: Step[],
): boolean {
  const intent = situation.intents.get(containerId);
  if (intent === undefined) return false;
  const state = holds(intent, container, situation.nowMs, situation.intentLimitMs);
  if (state !== "holds") {
    steps.push({ kind: "clear-intent", containerId, why: state });
    return false;
  }
  if (!situation.storedIntents.has(containerId)) steps.push({ kind: "store-intent", containerId, intent });
  return true;
}

/** A re-created container of the same name takes over the service ID: its registration replaces the old one in place. */
function takenOver(situation: Situation, service: ActualService, containerId: string): boolean {
  const owner = situation.claims.get(service.id);
  return owner !== undefined && owner !== containerId && situation.scope.has(owner) && !situation.intents.has(owner);
}

function conflict(
  situation: Situation,
  actual: ActualService | undefined,
  containerId: string,
  serviceId: string,
): string | undefined {
  if (actual !== undefined && !isOwned(situation.stack, actual)) {
    return `service ID ${serviceId} exists in Consul already, but is not registrator's of stack ${situation.stack}: set another SERVICE_ID, or deregister it`;
  }
  const owner = situation.claims.get(serviceId);
  if (owner !== undefined && owner !== containerId) {
    return `service ID ${serviceId} belongs to container ${owner.slice(0, 12)}, which started earlier: set another SERVICE_ID`;
  }
  return undefined;
}

function planService(wanted: Registration, actual: ActualService | undefined, stopping: boolean): Step[] {
  const maintenance = (enable: boolean): Step => ({
    kind: "maintenance",
    serviceId: wanted.id,
    enable,
    reason: STOPPING_REASON,
  });
  const isSame = actual?.meta[CONTAINER_ID] === wanted.meta[CONTAINER_ID];
  if (stopping) {
    if (actual === undefined || actual.maintenance !== undefined) return [];
    return isSame ? [maintenance(true)] : [];
  }
  const steps: Step[] = [];
  const difference = differs(wanted, actual);
  if (difference !== undefined) {
    const kept = isSame ? actual?.checkStatus : undefined;
    const checkStatus = kept ?? wanted.check?.initialStatus ?? "passing";
    steps.push({ kind: "register", registration: wanted, checkStatus, why: difference });
  }
  if (wanted.check === undefined && actual?.checkStatus !== undefined) {
    steps.push({ kind: "deregister-check", serviceId: wanted.id });
  }
  if (actual?.maintenance === STOPPING_REASON) steps.push(maintenance(false));
  return steps;
}

/** The first field in which Consul's service differs from the desired one. */
function differs(wanted: Registration, actual: ActualService | undefined): string | undefined {
  if (actual === undefined) return "missing";
  if (actual.name !== wanted.name) return "name";
  if (actual.address !== wanted.address || actual.port !== wanted.port) return "address";
  if (sorted(actual.tags) !== sorted(wanted.tags)) return "tags";
  if (sorted(Object.entries(actual.meta)) !== sorted(Object.entries(wanted.meta))) return "meta";
  if (wanted.check !== undefined && actual.checkStatus === undefined) return "check";
  return undefined;
}

const sorted = (items: unknown[]): string => JSON.stringify(items.map((item) => JSON.stringify(item)).sort());

function notWantedBecause(container: ContainerView | undefined): string {
  if (container === undefined) return "container gone";
  if (container.paused) return "container paused";
  if (container.restarting) return "container restarting";
  if (!container.running) return "container not running";
  if (container.health !== "none" && container.health !== "healthy") return `container ${container.health}`;
  return "not asked for";
}
