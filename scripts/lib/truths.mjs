// The three truths about a stack's replicas, side by side: what Docker runs, what Consul's catalog says, what nginx routes.

/**
 * One row a replica, and what is wrong: pure.
 * @param containers [{ id, name, state, health, address }] of role wordpress; address is "ip:port" on the frontend network
 * @param services [{ id, name, address, status }] of Consul's service `wordpress`; status is passing, warning, critical or maintenance
 * @param applied what the reloader said last: { generation, members: [{ name, containerId, address }], retired, refused }, or undefined
 * @param controls [{ name, role, state, health }] of the roles that keep the three true
 */
export function compare(containers, services, applied, controls = []) {
  const members = applied?.members ?? [];
  const ids = new Set(
    [...containers, ...services].map(({ id }) => id).concat(members.map((member) => member.containerId)),
  );
  const problems = controls.flatMap(controlProblem);
  const rows = [...ids].map((id) => {
    const container = containers.find((one) => one.id === id);
    const service = services.find((one) => one.id === id);
    const member = members.find((one) => one.containerId === id);
    const name = container?.name ?? service?.name ?? member?.name ?? id.slice(0, 12);
    const docker = container ? [container.state, container.health].filter(Boolean).join(", ") : "gone";
    const consul = service?.status ?? "absent";
    const nginx = member ? member.address : "not routed";
    const isReady = container?.state === "running" && (container.health ?? "healthy") === "healthy";
    if (member && !container)
      problems.push(`ghost: nginx routes ${name} (${member.address}), which Docker does not have`);
    else if (member && container.state !== "running")
      problems.push(`ghost: nginx routes ${name}, which is ${container.state}`);
    else if (member && container.address !== member.address)
      problems.push(`stale: nginx routes ${name} at ${member.address}, its address is ${container.address}`);
    if (service && !container) problems.push(`ghost: Consul has ${name}, which Docker does not have`);
    if (isReady && !service) problems.push(`missing: ${name} is healthy, and Consul does not have it`);
    else if (isReady && consul === "passing" && !member)
      problems.push(`missing: ${name} is healthy and registered, and nginx does not route it`);
    return { name, id, docker, consul, nginx };
  });
  if (applied === undefined) problems.push("the reloader has said nothing of what nginx runs");
  if (applied?.refused) problems.push(`refused: ${applied.refused}`);
  rows.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return { rows, problems, generation: applied?.generation, retired: applied?.retired };
}

/** What stands still while a container of the control plane does. */
const STANDS_STILL = {
  consul: "the catalog is not answered for; nginx serves on with what it has",
  registrator: "what happens to containers does not reach the catalog",
  "consul-template": "nginx keeps the last good configuration; the container's log says why",
  nginx: "the site is not served",
};

function controlProblem({ name, role, state, health }) {
  if (state === "running" && (health ?? "healthy") === "healthy") return [];
  if (state === "running" && health === "starting") return [`starting: ${name}: ${STANDS_STILL[role]}`];
  return [`alarm: ${name} is ${state === "running" ? health : state}: ${STANDS_STILL[role]}`];
}
