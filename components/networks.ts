import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { stackLabels, stackName } from "./container";

/** A network's subnet. */
export interface NetworkSubnet {
  cidr: string;
  gateway: string;
  /** CIDR from which Docker assigns dynamic addresses; declared ones lie outside. */
  dynamicRange: string;
}

export interface NetworksArgs {
  /** nginx and the replicas. */
  frontend: NetworkSubnet;
  /** The replicas, MySQL and Consul's DNS; internal, without outside access. */
  backend: NetworkSubnet;
  /** Consul's API, consul-template, registrator. */
  control: NetworkSubnet;
}

/** The three networks. */
export class Networks extends pulumi.ComponentResource {
  public readonly frontend: docker.Network;
  public readonly backend: docker.Network;
  public readonly control: docker.Network;

  constructor(name: string, args: NetworksArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Networks", name, {}, options);
    const network = (role: keyof NetworksArgs, internal: boolean): docker.Network =>
      new docker.Network(
        `${name}-${role}`,
        {
          name: stackName(role),
          driver: "bridge",
          internal,
          ipamConfigs: [{ subnet: args[role].cidr, gateway: args[role].gateway, ipRange: args[role].dynamicRange }],
          labels: stackLabels(role),
        },
        { parent: this },
      );
    // Docker publishes a port through the container's first network that is not internal.
    this.frontend = network("frontend", false);
    this.backend = network("backend", true);
    this.control = network("control", false);
    this.registerOutputs({ frontend: this.frontend.name, backend: this.backend.name, control: this.control.name });
  }
}
