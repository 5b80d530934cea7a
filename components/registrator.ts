import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { REGISTRATOR_STATUS_PORT } from "../contract/ports";
import type { Consul } from "./consul";
import { dockerSocket, stackContainer, stackName } from "./container";
import type { RoleImage } from "./images";
import type { Networks } from "./networks";

export interface RegistratorArgs {
  networks: Networks;
  consul: Consul;
  /** A container that still runs this long after its stop signal is routed again. */
  stopIntentSeconds: number;
  image: RoleImage;
  /** Docker's socket on the host. @default /var/run/docker.sock */
  dockerSocket?: string;
}

/** registrator reads Docker's events and keeps Consul's catalog in step with this stack's containers. */
export class Registrator extends pulumi.ComponentResource {
  public readonly container: docker.Container;

  constructor(name: string, args: RegistratorArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Registrator", name, {}, options);
    this.container = stackContainer(
      name,
      {
        role: "registrator",
        name: stackName("registrator"),
        image: args.image.name,
        memoryMiB: 128,
        networks: [{ name: args.networks.control.name }],
        environment: {
          CONSUL_HTTP_ADDR: args.consul.controlUrl,
          STACK: pulumi.getStack(),
          // Reachable only on the control network: no port is published.
          METRICS_HOST: "0.0.0.0",
          STOP_INTENT_SECONDS: String(args.stopIntentSeconds),
        },
        volumes: [dockerSocket(args.dockerSocket)],
        health: {
          command: ["http-healthy", "127.0.0.1", String(REGISTRATOR_STATUS_PORT), "/health"],
          intervalSeconds: 1,
        },
      },
      { parent: this, dependsOn: args.consul },
    );
    this.registerOutputs({});
  }
}
