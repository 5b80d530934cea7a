import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { installationProvider } from "./installation-provider";

export interface InstallationArgs {
  /** The one-shot container, which exits with 0 on success; created, not started. */
  container: docker.Container;
  /** How long it may run. @default 600 */
  limitSeconds?: number;
}

/**
 * The run of a one-shot container as a resource: it exists once the container has exited with 0. (The docker provider counts a failed
 * one-shot as created and never runs it again.) A failed run fails `up` before anything that depends on it, and the next `up` retries it.
 */
export class Installation extends pulumi.dynamic.Resource {
  constructor(name: string, args: InstallationArgs, options: pulumi.CustomResourceOptions) {
    super(
      installationProvider,
      name,
      { containerId: args.container.id, limitSeconds: args.limitSeconds ?? 600 },
      options,
      "wordpress-autoscaling",
      "Installation",
    );
  }
}
