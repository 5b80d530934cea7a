/** The upstreams that consul-template renders for these addresses. */
export function upstreams(generation: number, addresses: string[]): string {
  const members = addresses.map((address, index) =>
    JSON.stringify({ name: `web-${index + 1}`, containerId: String(index + 1).repeat(64), address }),
  );
  return [
    `# generation: ${generation}`,
    ...members.map((member) => `# member: ${member}`),
    `map "" $replicas { default ${addresses.length}; }`,
    "upstream wordpress {",
    ...(addresses.length === 0 ? ["127.0.0.1:9 down"] : addresses).map((address) => `    server ${address};`),
    "}",
    "",
  ].join("\n");
}
