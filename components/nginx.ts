import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { NGINX_DIR } from "../contract/paths";
import { HTTP_PORT } from "../contract/ports";
import { nginxMemoryMiB } from "../templates/nginx-workers";
import type { ConsulTemplate } from "./consul-template";
import { stackContainer, stackName } from "./container";
import type { RoleImage } from "./images";
import type { Networks } from "./networks";

export interface NginxArgs {
  networks: Networks;
  consulTemplate: ConsulTemplate;
  image: RoleImage;
  /** Host address and port of the site. */
  publish: { address: string; httpPort: number };
  /** Time from the stop signal to KILL, for requests in flight. */
  graceSeconds: number;
}

/** nginx: its configuration lies in the volume that it shares with consul-template, so no setting replaces its container. */
export class Nginx extends pulumi.ComponentResource {
  public readonly container: docker.Container;

  constructor(name: string, args: NginxArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Nginx", name, {}, options);
    const { consulTemplate } = args;
    this.container = stackContainer(
      name,
      {
        role: "nginx",
        name: stackName("nginx"),
        image: args.image.name,
        memoryMiB: nginxMemoryMiB(),
        networks: [{ name: args.networks.frontend.name }],
        ports: [{ internal: HTTP_PORT, external: args.publish.httpPort, ip: args.publish.address }],
        capabilities: ["NET_BIND_SERVICE"],
        volumes: [{ volumeName: consulTemplate.nginxVolume.name, containerPath: NGINX_DIR }],
        health: { command: ["healthy"], intervalSeconds: 1 },
        graceSeconds: args.graceSeconds,
        // Docker counts any signal sent through its API, even a reload's HUP, as a stop by hand: after the first one `unless-stopped` would not restart it.
        restart: "always",
      },
      { parent: this, dependsOn: consulTemplate },
    );
    this.registerOutputs({});
  }
}
