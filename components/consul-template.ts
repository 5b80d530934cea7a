import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { NGINX_DIR } from "../contract/paths";
import { RELOADER_STATUS_PORT } from "../contract/ports";
import { settingsHash } from "../contract/settings-hash";
import { type NginxSite, renderNginxConf } from "../templates/nginx-conf";
import { readTemplate } from "../templates/render";
import type { Consul } from "./consul";
import { dockerSocket, stackContainer, stackLabels, stackName } from "./container";
import type { RoleImage } from "./images";
import type { Networks } from "./networks";

export interface ConsulTemplateArgs {
  networks: Networks;
  consul: Consul;
  /** The values that nginx.conf is rendered with; see templates/nginx.conf.mustache. */
  site: NginxSite;
  /** Built on nginx's image, so that the same binary checks and runs a configuration. */
  image: RoleImage;
  /** Docker's socket on the host. @default /var/run/docker.sock */
  dockerSocket?: string;
}

/**
 * consul-template renders nginx's upstreams from Consul's catalog; its child process, the reloader, checks them, swaps them in, and
 * verifies that nginx serves them. A changed template replaces this container, while nginx runs on.
 */
export class ConsulTemplate extends pulumi.ComponentResource {
  public readonly container: docker.Container;
  /** Configuration and status socket of nginx, shared with its container. */
  public readonly nginxVolume: docker.Volume;
  /** Hash of the nginx.conf that is rendered here. */
  public readonly settingsHash: string;

  constructor(name: string, args: ConsulTemplateArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:ConsulTemplate", name, {}, options);
    this.nginxVolume = new docker.Volume(
      `${name}-nginx`,
      { name: stackName("nginx"), labels: stackLabels("nginx") },
      { parent: this },
    );
    const nginxConf = renderNginxConf(args.site);
    this.settingsHash = settingsHash(nginxConf);
    this.container = stackContainer(
      name,
      {
        role: "consul-template",
        name: stackName("consul-template"),
        image: args.image.name,
        memoryMiB: 192,
        networks: [{ name: args.networks.control.name }],
        environment: { CONSUL_HTTP_ADDR: args.consul.controlUrl, STACK: pulumi.getStack(), METRICS_HOST: "0.0.0.0" },
        files: {
          "/etc/nginx-static/nginx.conf": nginxConf,
          "/etc/consul-template/templates/upstreams.conf.ctmpl": readTemplate("upstreams.conf.ctmpl"),
        },
        volumes: [{ volumeName: this.nginxVolume.name, containerPath: NGINX_DIR }, dockerSocket(args.dockerSocket)],
        health: { command: ["http-healthy", "127.0.0.1", String(RELOADER_STATUS_PORT), "/health"], intervalSeconds: 1 },
      },
      { parent: this, dependsOn: args.consul },
    );
    this.registerOutputs({});
  }
}
