import * as pulumi from "@pulumi/pulumi";
import { rolloutProvider } from "./rollout-provider";

export interface RolloutArgs {
  /** Consul's API as this host reaches it. */
  consulUrl: pulumi.Input<string>;
  /** Container name to container id. */
  members: pulumi.Input<Record<string, string>>;
  /** Hash of the nginx.conf that nginx is to run. */
  settingsHash: string;
  /** How long new replicas may take until they are ready. @default 240 */
  readySeconds?: number;
  /** How long those that are ready may take until nginx routes them. @default 60 */
  routedSeconds?: number;
  /** How long a request may last that nginx's older workers still carry. */
  retiredSeconds: number;
}

class RolloutResource extends pulumi.dynamic.Resource {
  public readonly generation!: pulumi.Output<number>;
  constructor(name: string, args: Record<string, unknown>, options: pulumi.CustomResourceOptions) {
    super(
      rolloutProvider,
      name,
      { generation: undefined, ...args },
      options,
      "wordpress-autoscaling",
      "RolloutGeneration",
    );
  }
}

/**
 * Says who is wanted behind nginx, and is done when exactly they are routed. Pulumi deletes what is no longer wanted after this, so a
 * replica is out of nginx before it is stopped; when a new one never gets ready, this fails with what Docker says of it (the provider's own
 * wait would not), nothing is deleted, and the old set serves on.
 */
export class Rollout extends pulumi.ComponentResource {
  /** How many replicas nginx routes. */
  public readonly replicas: pulumi.Output<number>;

  constructor(name: string, args: RolloutArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Rollout", name, {}, options);
    const resource = new RolloutResource(
      name,
      {
        consulUrl: args.consulUrl,
        stack: pulumi.getStack(),
        members: args.members,
        settingsHash: args.settingsHash,
        readySeconds: args.readySeconds ?? 240,
        routedSeconds: args.routedSeconds ?? 60,
        retiredSeconds: args.retiredSeconds,
      },
      { parent: this },
    );
    this.replicas = pulumi.all([args.members, resource.generation]).apply(([members]) => Object.keys(members).length);
    this.registerOutputs({ replicas: this.replicas });
  }
}
