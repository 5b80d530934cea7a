// The truths about a stack's replicas, side by side: who is wanted, what Docker runs, what Consul's catalog says, what nginx routes.

/**
 * One row for each replica, and what is wrong. Pure.
 * @param containers [{ id, name, state, health, address }] of role wordpress; address is "ip:port" on the frontend network
 * @param services [{ id, name, address, status }] of Consul's service `wordpress`; status is passing, warning, critical or maintenance
 * @param records { desired, applied }: what Rollout wrote last, { generation, members: [{ name, containerId }] }, and what the reloader
 *   said last, { generation, members: [{ name, containerId, address }], retired, refused }; either may be undefined
 * @param controls [{ name, role, state, health }] of the roles that keep the truths equal
 * @returns { wanted, replicas, agree, problems, generation, retired }: how many are wanted; a row each; whether all four are the same set
 *   and nothing else is wrong
 */
export function compare(containers, services, { desired, applied }, controls = []) {
  const members = applied?.members ?? [];
  const wanted = desired?.members ?? [];
  const ids = new Set([
    ...[...containers, ...services].map(({ id }) => id),
    ...[...members, ...wanted].map(({ containerId }) => containerId),
  ]);
  const problems = controls.flatMap(controlProblem);
  const replicas = [...ids].map((id) => {
    const container = containers.find((one) => one.id === id);
    const service = services.find((one) => one.id === id);
    const member = members.find(({ containerId }) => containerId === id);
    const wish = wanted.find(({ containerId }) => containerId === id);
    const name = [container, service, member, wish].find((one) => one !== undefined)?.name ?? id.slice(0, 12);
    problems.push(
      ...replicaProblems(name, { container, service, member, isWanted: wish !== undefined }, desired !== undefined),
    );
    return {
      name,
      id,
      wanted: wish !== undefined,
      docker: container ? [container.state, container.health].filter(Boolean).join(", ") : "gone",
      consul: service?.status ?? "absent",
      nginx: member ? member.address : "not routed",
    };
  });
  if (desired === undefined) problems.push("Consul does not say who is wanted: the next `up` does");
  if (applied === undefined) problems.push("the reloader has said nothing of what nginx runs");
  if (applied?.refused) problems.push(`refused: ${applied.refused}`);
  replicas.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const { generation, retired } = applied ?? {};
  return { wanted: wanted.length, replicas, agree: problems.length === 0, problems, generation, retired };
}

/** What is wrong about one replica. */
function replicaProblems(name, { container, service, member, isWanted }, isDesiredKnown) {
  const state = container && [container.state, container.health].filter(Boolean).join(", ");
  const isReady = container?.state === "running" && (container.health ?? "healthy") === "healthy";
  const problems = [];
  if (member && !container)
    problems.push(`ghost: nginx routes ${name} (${member.address}), which Docker does not have`);
  else if (member && container.state !== "running")
    problems.push(`ghost: nginx routes ${name}, which is ${container.state}`);
  else if (member && container.address !== member.address)
    problems.push(`stale: nginx routes ${name} at ${member.address}, its address is ${container.address}`);
  if (service && !container) problems.push(`ghost: Consul has ${name}, which Docker does not have`);
  if (isReady && !service) problems.push(`missing: ${name} is healthy, and Consul does not have it`);
  else if (isReady && isWanted && service.status === "passing" && !member)
    problems.push(`missing: ${name} is healthy and registered, and nginx does not route it`);
  else if (isWanted && !isReady)
    problems.push(`missing: ${name} is wanted, and Docker ${container ? `has it as ${state}` : "does not have it"}`);
  else if (isWanted && service?.status !== "passing")
    problems.push(`missing: ${name} is wanted, and Consul has it as ${service.status}`);
  if (isDesiredKnown && !isWanted && container?.state === "running")
    problems.push(`surplus: ${name} runs and is not wanted; the next \`up\` removes what a failed one left`);
  else if (isDesiredKnown && !isWanted && member) problems.push(`surplus: nginx routes ${name}, which is not wanted`);
  return problems;
}

/** What stands still while a container of the control plane does. */
const STANDS_STILL = {
  consul: "the catalog is not answered for; nginx serves on with what it has",
  registrator: "what happens to containers does not reach the catalog",
  "consul-template": "nginx keeps the last good configuration; the container's log says why",
  mysql: "pages that need the database answer 500",
  nginx: "the site is not served",
};

function controlProblem({ name, role, state, health }) {
  if (state === "running" && (health ?? "healthy") === "healthy") return [];
  if (state === "running" && health === "starting") return [`starting: ${name}: ${STANDS_STILL[role]}`];
  return [`alarm: ${name} is ${state === "running" ? health : state}: ${STANDS_STILL[role]}`];
}
