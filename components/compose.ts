import * as pulumi from "@pulumi/pulumi";
import { announceRevision, type Host } from "../settings/host";
import {
  cronGraceSeconds,
  nginxGraceSeconds,
  replicaGraceSeconds,
  retiredSeconds,
  stopIntentSeconds,
  workerShutdownSeconds,
} from "../settings/limits";
import type { Settings } from "../settings/settings";
import { siteUrl } from "../settings/site";
import { declaredAddress } from "../settings/subnet";
import { Consul } from "./consul";
import { ConsulTemplate } from "./consul-template";
import { Images } from "./images";
import { MySql } from "./mysql";
import { Networks } from "./networks";
import { Nginx } from "./nginx";
import { Registrator } from "./registrator";
import { Rollout } from "./rollout";
import { WordPress } from "./wordpress";

/**
 * Composes the stack's components in order: index.ts deploys them, the unit tests inspect them.
 * @param replicas the number of WordPress replicas
 * @param host the resources and containers of Docker's machine
 * @returns the stack's outputs
 */
export async function compose(settings: Settings, replicas: number, host: Host): Promise<Record<string, unknown>> {
  const { limits, publish, rotation } = settings;
  const { frontend, backend, control } = settings.networks;
  const url = siteUrl(settings.site, publish.httpPort);

  const images = new Images("images", settings.images);
  const networks = new Networks("networks", { frontend, backend, control });
  const consul = new Consul("consul", {
    networks,
    controlAddress: declaredAddress(control, 2),
    backendAddress: declaredAddress(backend, 2),
    hostPort: publish.consulPort,
    image: images.consul,
  });
  const consulTemplate = new ConsulTemplate("consul-template", {
    networks,
    consul,
    site: {
      serverNames: settings.site.serverNames,
      exposeUpstream: settings.site.exposeUpstream,
      maxRequestSeconds: limits.maxRequestSeconds,
      keepaliveMinSeconds: limits.keepaliveMinSeconds,
      workerShutdownSeconds: workerShutdownSeconds(limits),
      uploadMaxMiB: limits.uploadMaxMiB,
    },
    image: images.consulTemplate,
    dockerSocket: host.dockerSocket,
  });
  const registrator = new Registrator(
    "registrator",
    {
      networks,
      consul,
      stopIntentSeconds: stopIntentSeconds(limits),
      image: images.registrator,
      dockerSocket: host.dockerSocket,
    },
    { dependsOn: consulTemplate },
  );
  const mysql = new MySql(
    "mysql",
    {
      networks,
      consul,
      address: declaredAddress(backend, 3),
      memoryMiB: limits.mysqlMemoryMiB,
      rotation,
      image: images.mysql,
    },
    { dependsOn: registrator },
  );
  const wordpress = new WordPress("wordpress", {
    networks,
    consul,
    mysql,
    replicas,
    site: { ...settings.site, url },
    limits,
    graceSeconds: replicaGraceSeconds(limits),
    cronGraceSeconds: cronGraceSeconds(limits),
    rotation,
    image: images.wordpress,
  });
  await announceRevision(wordpress, limits.wordpressMemoryMiB, host);
  const nginx = new Nginx(
    "nginx",
    { networks, consulTemplate, image: images.nginx, publish, graceSeconds: nginxGraceSeconds(limits) },
    { dependsOn: wordpress },
  );
  const rollout = new Rollout(
    "rollout",
    {
      consulUrl: consul.hostUrl,
      members: wordpress.members,
      settingsHash: consulTemplate.settingsHash,
      retiredSeconds: retiredSeconds(limits),
    },
    { dependsOn: nginx },
  );

  return {
    url,
    replicas: rollout.replicas,
    ...(settings.autoscale && { autoscale: settings.autoscale }),
    consulUrl: consul.hostUrl,
    adminUser: settings.site.adminUser,
    adminPassword: pulumi.secret(wordpress.adminPassword),
    containers: {
      consul: [consul.container.name],
      "consul-template": [consulTemplate.container.name],
      registrator: [registrator.container.name],
      mysql: [mysql.container.name],
      wordpress: wordpress.replicas.map((replica) => replica.name),
      nginx: [nginx.container.name],
    },
  };
}
