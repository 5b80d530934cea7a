import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CONSUL_PORT } from "../contract/ports";
import { renderTemplate } from "../templates/render";
import { stackContainer, stackName } from "./container";
import type { RoleImage } from "./images";
import type { Networks } from "./networks";

export interface ConsulArgs {
  networks: Networks;
  /** Declared addresses: the API's on the control network, the DNS server's on the backend network. */
  controlAddress: string;
  backendAddress: string;
  /** Port on the host's 127.0.0.1 for the API. */
  hostPort: number;
  image: RoleImage;
}

/** Consul: the API (catalog and key-value store) on the control network, only DNS on the backend network. */
export class Consul extends pulumi.ComponentResource {
  public readonly container: docker.Container;
  /** The API's address for containers on the control network. */
  public readonly controlUrl: string;
  /** The API's address for this host; known once Consul answers. */
  public readonly hostUrl: pulumi.Output<string>;
  /** The DNS server's address, for containers on the backend network. */
  public readonly dnsAddress: string;

  constructor(name: string, args: ConsulArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Consul", name, {}, options);
    this.container = stackContainer(
      name,
      {
        role: "consul",
        name: stackName("consul"),
        image: args.image.name,
        memoryMiB: 256,
        networks: [
          { name: args.networks.control.name, ipv4Address: args.controlAddress },
          { name: args.networks.backend.name, ipv4Address: args.backendAddress },
        ],
        ports: [{ internal: CONSUL_PORT, external: args.hostPort, ip: "127.0.0.1" }],
        capabilities: ["NET_BIND_SERVICE"],
        environment: { GOMEMLIMIT: "150MiB", GOGC: "50" },
        files: {
          "/consul/config/consul.hcl": renderTemplate("consul.hcl.mustache", "hcl", {
            datacenter: "dc1",
            nodeName: stackName("consul"),
            controlAddress: args.controlAddress,
            backendAddress: args.backendAddress,
            httpPort: CONSUL_PORT,
            httpAddresses: `${args.controlAddress} 127.0.0.1`,
          }),
        },
        health: {
          command: ["http-healthy", "127.0.0.1", String(CONSUL_PORT), "/v1/status/leader", "[0-9]"],
          intervalSeconds: 1,
        },
      },
      { parent: this },
    );
    this.controlUrl = `http://${args.controlAddress}:${CONSUL_PORT}`;
    this.dnsAddress = args.backendAddress;
    this.hostUrl = this.container.id.apply(() => `http://127.0.0.1:${args.hostPort}`);
    this.registerOutputs({ hostUrl: this.hostUrl });
  }
}
