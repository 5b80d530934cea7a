import * as pulumi from "@pulumi/pulumi";
import { rolloutProvider } from "./rollout-provider";

export interface RolloutArgs {
  /** Consul's API as this host reaches it. */
  consulUrl: pulumi.Input<string>;
  /** Container name to container id. */
  members: pulumi.Input<Record<string, string>>;
  /** Hash of the nginx.conf that nginx is to run. */
  settingsHash: string;
  /** Timeout for new replicas to become ready. @default 240 */
  readySeconds?: number;
  /** Timeout for nginx to route replicas that are ready. @default 60 */
  routedSeconds?: number;
  /** The longest time that a request may take in nginx's older workers. */
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
 * Writes the desired set, and is finished when nginx routes exactly that. Pulumi deletes surplus replicas only afterwards, so a replica
 * is out of nginx before it is stopped. When a new replica never becomes ready, this fails with Docker's details (which the provider's
 * own wait does not give), nothing is deleted, and the old set keeps serving.
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
