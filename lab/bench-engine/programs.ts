/** What the engines are given: the same containers as a Pulumi program and as a compose file, and a program of state alone. */
const IMAGE = "debian:trixie-slim";
/** On every container and network; its value is the engine's prefix. */
export const LABEL = "bench-engine";

/** Config: `prefix` and `count`. */
export const containersProgram = `import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const prefix = config.require("prefix");
const labels = [{ label: "${LABEL}", value: prefix }];
const network = new docker.Network("network", { name: prefix, labels });
for (let index = 1; index <= config.requireNumber("count"); index++) {
  new docker.Container(\`container-\${index}\`, {
    name: \`\${prefix}-\${index}\`,
    image: "${IMAGE}",
    command: ["sleep", "infinity"],
    init: true,
    labels,
    networksAdvanced: [{ name: network.name }],
  });
}
`;

/** Config: `count`. */
export const fakesProgram = `import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

for (let index = 1; index <= new pulumi.Config().requireNumber("count"); index++)
  new random.RandomId(\`fake-\${index}\`, { byteLength: 8 });
`;

export const composeFile = (prefix: string, count: number): string => `name: ${prefix}
networks:
  default:
    name: ${prefix}
services:
${Array.from(
  { length: count },
  (_, index) => `  container-${index + 1}:
    container_name: ${prefix}-${index + 1}
    image: ${IMAGE}
    command: [sleep, infinity]
    init: true
    labels: { ${LABEL}: ${prefix} }
`,
).join("")}`;
