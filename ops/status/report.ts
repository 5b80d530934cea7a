/**
 * The four truths about a stack's replicas side by side: who is wanted, what Docker runs, what Consul's catalog says, what nginx routes.
 * Pure: `reader.ts` reads them.
 */
import type { Applied, Desired } from "../../contract/consul-kv";
import type { ControlRole } from "../../contract/roles";

/** A container of role wordpress, as Docker sees it. */
export interface ReplicaContainer {
  id: string;
  name: string;
  /** `running`, `exited`, … */
  state: string;
  /** @default the container has no health check */
  health?: string;
  /** "ip:port" on the frontend network. */
  address: string;
}

/** An instance of the service `wordpress` in Consul's catalog. */
export interface RegisteredService {
  /** The id of the container that it stands for. */
  id: string;
  name: string;
  status: "passing" | "warning" | "critical" | "maintenance";
}

export interface ControlContainer {
  name: string;
  role: ControlRole;
  /** `gone` where there is none. */
  state: string;
  health?: string;
}

/** What Consul says. */
export interface ConsulTruth {
  services: readonly RegisteredService[];
  /** What Rollout wrote last. @default nothing */
  desired?: Pick<Desired, "members">;
  /** What the reloader wrote last. @default nothing */
  applied?: Pick<Applied, "generation" | "members" | "retired" | "refused">;
  /** Answers and values that cannot be read, in words. */
  unreadable?: readonly string[];
}

export interface Truths {
  containers: readonly ReplicaContainer[];
  controls: readonly ControlContainer[];
  /** `silent`: the connection or the answer failed, and why. */
  consul: ConsulTruth | { silent: string };
}

export interface ReplicaRow {
  name: string;
  id: string;
  wanted: boolean;
  docker: string;
  consul: string;
  nginx: string;
}

/** What `npm run status -- --json` prints. */
export interface StatusReport {
  /** How many replicas are wanted. @default unknown, since Consul is silent */
  wanted?: number;
  replicas: ReplicaRow[];
  /** All four are the same set, and nothing else is wrong. */
  agree: boolean;
  problems: string[];
  /** Of the configuration that nginx runs. @default unknown */
  generation?: number;
  /** No worker of an older configuration is left. @default unknown */
  retired?: boolean;
}

/** One row for each replica, and what is wrong. */
export function compare({ containers, controls, consul }: Truths): StatusReport {
  const controlProblems = controls.flatMap(controlProblem);
  if ("silent" in consul) {
    const rows = rowsOf(containers, { services: [] }).map(({ row }) => row);
    return { replicas: sorted(rows), agree: false, problems: [...controlProblems, consul.silent] };
  }
  const { desired, applied, unreadable = [] } = consul;
  const rows = rowsOf(containers, consul);
  const problems = [...controlProblems, ...unreadable, ...rows.flatMap((row) => row.problems)];
  if (desired === undefined) problems.push("Consul does not say who is wanted: the next `up` does");
  if (applied === undefined) problems.push("the reloader has not reported what nginx runs");
  if (applied?.refused !== undefined) problems.push(`refused: ${applied.refused}`);
  return {
    wanted: desired?.members.length ?? 0,
    replicas: sorted(rows.map(({ row }) => row)),
    agree: problems.length === 0,
    problems,
    ...(applied !== undefined && { generation: applied.generation, retired: applied.retired }),
  };
}

const sorted = (rows: ReplicaRow[]): ReplicaRow[] =>
  rows.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));

/** One row for each container id that any of the four knows. */
function rowsOf(
  containers: readonly ReplicaContainer[],
  { services, desired, applied }: ConsulTruth,
): { row: ReplicaRow; problems: string[] }[] {
  const routed = applied?.members ?? [];
  const wanted = desired?.members ?? [];
  const ids = new Set([
    ...[...containers, ...services].map(({ id }) => id),
    ...[...routed, ...wanted].map(({ containerId }) => containerId),
  ]);
  return [...ids].map((id) => {
    const container = containers.find((one) => one.id === id);
    const service = services.find((one) => one.id === id);
    const member = routed.find(({ containerId }) => containerId === id);
    const wish = wanted.find(({ containerId }) => containerId === id);
    const name = (container ?? service ?? member ?? wish)?.name ?? id.slice(0, 12);
    const isWanted = wish !== undefined;
    return {
      row: {
        name,
        id,
        wanted: isWanted,
        docker: container === undefined ? "gone" : stateOf(container),
        consul: service?.status ?? "absent",
        nginx: member?.address ?? "not routed",
      },
      problems: replicaProblems(name, { container, service, member, isWanted }, desired !== undefined),
    };
  });
}

const stateOf = ({ state, health }: ReplicaContainer): string => (health === undefined ? state : `${state}, ${health}`);

interface Replica {
  container: ReplicaContainer | undefined;
  service: RegisteredService | undefined;
  member: Applied["members"][number] | undefined;
  isWanted: boolean;
}

/** What is wrong about one replica. */
function replicaProblems(
  name: string,
  { container, service, member, isWanted }: Replica,
  isDesiredKnown: boolean,
): string[] {
  const isReady = container?.state === "running" && (container.health ?? "healthy") === "healthy";
  const problems: string[] = [];
  if (member !== undefined) {
    if (container === undefined)
      problems.push(`ghost: nginx routes ${name} (${member.address}), which Docker does not have`);
    else if (container.state !== "running") problems.push(`ghost: nginx routes ${name}, which is ${container.state}`);
    else if (container.address !== member.address)
      problems.push(`stale: nginx routes ${name} at ${member.address}, its address is ${container.address}`);
  }
  if (service !== undefined && container === undefined)
    problems.push(`ghost: Consul has ${name}, which Docker does not have`);
  if (isReady && service === undefined) problems.push(`missing: ${name} is healthy, and Consul does not have it`);
  else if (isReady && isWanted && service?.status === "passing" && member === undefined)
    problems.push(`missing: ${name} is healthy and registered, and nginx does not route it`);
  else if (isWanted && !isReady)
    problems.push(
      `missing: ${name} is wanted, and Docker ${container === undefined ? "does not have it" : `has it as ${stateOf(container)}`}`,
    );
  else if (isWanted && service !== undefined && service.status !== "passing")
    problems.push(`missing: ${name} is wanted, and Consul has it as ${service.status}`);
  if (isDesiredKnown && !isWanted && container?.state === "running")
    problems.push(`surplus: ${name} runs and is not wanted; the next \`up\` removes what a failed one left`);
  else if (isDesiredKnown && !isWanted && member !== undefined)
    problems.push(`surplus: nginx routes ${name}, which is not wanted`);
  return problems;
}

/** What does not happen while a container of the control plane is down. */
const CONSEQUENCES: Record<ControlRole, string> = {
  consul: "the catalog is not answered for; nginx serves on with what it has",
  registrator: "what happens to containers does not reach the catalog",
  "consul-template": "nginx keeps the last good configuration; the container's log says why",
  mysql: "pages that need the database answer 500",
  nginx: "the site is not served",
};

function controlProblem({ name, role, state, health }: ControlContainer): string[] {
  if (state === "running" && (health ?? "healthy") === "healthy") return [];
  if (state === "running" && health === "starting") return [`starting: ${name}: ${CONSEQUENCES[role]}`];
  return [`alarm: ${name} is ${state === "running" && health !== undefined ? health : state}: ${CONSEQUENCES[role]}`];
}
