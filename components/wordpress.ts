import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { CHECK_NETWORK_LABEL, NETWORK_LABEL, RELEASE_SIGNAL_LABEL } from "../contract/labels";
import { HEALTH_PORT, HTTP_PORT } from "../contract/ports";
import { MYSQL_SERVICE, WORDPRESS_SERVICE } from "../contract/service-meta";
import { renderTemplate } from "../templates/render";
import type { Consul } from "./consul";
import { type HealthCheck, shapeHash, stackContainer, stackLabels, stackName } from "./container";
import type { RoleImage } from "./images";
import { Installation } from "./installation";
import type { MySql } from "./mysql";
import type { Networks } from "./networks";

/** WordPress's keys and salts: one set for all replicas, so that a login is valid at each. */
const KEYS = ["auth", "secure-auth", "logged-in", "nonce"].flatMap((kind) => [`${kind}-key`, `${kind}-salt`]);

export interface WordPressArgs {
  networks: Networks;
  consul: Consul;
  mysql: MySql;
  /** How many; decides how many children there are, so a plain number. */
  replicas: number;
  site: {
    title: string;
    url: string;
    serverNames: string[];
    adminUser: string;
    adminEmail: string;
  };
  limits: {
    /** A stopping replica keeps serving until it has had no request for this long. */
    drainSeconds: number;
    maxRequestSeconds: number;
    uploadMaxMiB: number;
    wordpressMemoryMiB: number;
    wordpressWorkers: number;
  };
  /** Time from the stop signal to KILL for a replica. */
  graceSeconds: number;
  /** The same for the cron runner. */
  cronGraceSeconds: number;
  /** A new number makes new keys, and with them a new revision. */
  rotation: number;
  /** Of the replicas, the installer and the cron runner. */
  image: RoleImage;
}

/** The replicas of one revision, the one-shot container that installs the site before they start, and the only runner of wp-cron. */
export class WordPress extends pulumi.ComponentResource {
  public readonly replicas: docker.Container[];
  /** A hash of the replicas' arguments: a change creates a complete new set, with new names, beside the old one. */
  public readonly revision: string;
  /** Secret. */
  public readonly adminPassword: pulumi.Output<string>;
  /** Container name to container id, of all replicas. */
  public readonly members: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: WordPressArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:WordPress", name, {}, options);
    const { image, limits, site } = args;
    const keepers = { rotation: String(args.rotation) };
    const secret = (purpose: string, length: number): pulumi.Output<string> =>
      new random.RandomPassword(`${name}-${purpose}`, { length, special: false, keepers }, { parent: this }).result;
    const keys = KEYS.map((key) => ({ key, value: secret(key, 64) }));
    this.adminPassword = secret("admin-password", 24);
    const uploads = new docker.Volume(
      `${name}-uploads`,
      { name: stackName("uploads"), labels: stackLabels("uploads") },
      { parent: this, retainOnDelete: true },
    );

    // Only plain values: a replica's arguments besides secrets (which `rotation` stands for) are all in `environment` and here.
    const environment: Record<string, string> = {
      WORDPRESS_DB_HOST: `${MYSQL_SERVICE}.service.consul`,
      WORDPRESS_DB_NAME: args.mysql.database,
      WORDPRESS_DB_USER: args.mysql.user,
      WORDPRESS_DB_PASSWORD_FILE: "/run/secrets/db-password",
      WORDPRESS_URL: site.url,
      WORDPRESS_SERVER_NAMES: site.serverNames.join(" "),
      WORDPRESS_WORKERS: String(limits.wordpressWorkers),
      WORDPRESS_DRAIN_SECONDS: String(limits.drainSeconds),
      WORDPRESS_MAX_REQUEST_SECONDS: String(limits.maxRequestSeconds),
      ...Object.fromEntries(
        KEYS.map((key) => [`WORDPRESS_${key.toUpperCase().replace(/-/g, "_")}_FILE`, `/run/secrets/${key}`]),
      ),
    };
    const phpIni = renderTemplate("php.ini.mustache", "ini", {
      uploadMaxMiB: limits.uploadMaxMiB,
      maxRequestSeconds: limits.maxRequestSeconds,
    });
    const common = {
      image: image.name,
      memoryMiB: limits.wordpressMemoryMiB,
      files: {
        "/usr/local/etc/php/conf.d/90-limits.ini": phpIni,
        "/run/secrets/db-password": args.mysql.password,
        ...Object.fromEntries(keys.map(({ key, value }) => [`/run/secrets/${key}`, value])),
      },
      dns: [args.consul.dnsAddress],
      volumes: [{ volumeName: uploads.name, containerPath: "/var/www/wordpress/wp-content/uploads" }],
    };
    // The check paces itself: it waits for the first readiness, and pauses before each later check (see images/wordpress/healthy).
    const health: HealthCheck = { command: ["healthy"], intervalSeconds: 0.1, timeoutSeconds: 45, retries: 4 };
    const registration = {
      [NETWORK_LABEL]: "frontend",
      [CHECK_NETWORK_LABEL]: "backend",
      [`SERVICE_${HTTP_PORT}_NAME`]: WORDPRESS_SERVICE,
      [`SERVICE_${HTTP_PORT}_CHECK_HTTP`]: "/healthz",
      [`SERVICE_${HTTP_PORT}_CHECK_PORT`]: String(HEALTH_PORT),
      [RELEASE_SIGNAL_LABEL]: "SIGUSR1",
      [`SERVICE_${HTTP_PORT}_CHECK_INTERVAL`]: "5s",
      [`SERVICE_${HTTP_PORT}_CHECK_TIMEOUT`]: "10s",
    };
    const replica = {
      ...common,
      role: "wordpress",
      networks: [{ name: args.networks.frontend.name }, { name: args.networks.backend.name }],
      environment,
      labels: registration,
      health,
      graceSeconds: args.graceSeconds,
      // Rollout waits for all of them, and reports why one is not ready.
      wait: false,
    };
    // What a replica's Outputs depend on: `rotation` stands for all secrets.
    this.revision = shapeHash(replica, [image.reference, "frontend", "backend", args.rotation]).slice(0, 8);
    // A replica is not ready before the installer has recorded in the database that it has finished for this revision.
    const revised = { ...environment, WORDPRESS_REVISION: this.revision };

    const installer = stackContainer(
      `${name}-installer-${this.revision}`,
      {
        ...common,
        role: "installer",
        name: stackName(`installer-${this.revision}`),
        command: ["install"],
        oneShot: true,
        networks: [{ name: args.networks.backend.name }],
        environment: {
          ...revised,
          WORDPRESS_TITLE: site.title,
          WORDPRESS_ADMIN_USER: site.adminUser,
          WORDPRESS_ADMIN_EMAIL: site.adminEmail,
          WORDPRESS_ADMIN_PASSWORD_FILE: "/run/secrets/admin-password",
        },
        files: { ...common.files, "/run/secrets/admin-password": this.adminPassword },
      },
      { parent: this, dependsOn: args.mysql },
    );
    const installation = new Installation(
      `${name}-installation-${this.revision}`,
      { container: installer },
      { parent: this },
    );

    const replicaName = (index: number): string => stackName(`wordpress-${this.revision}-${index + 1}`);
    this.replicas = Array.from({ length: args.replicas }, (_, index) =>
      stackContainer(
        `${name}-${this.revision}-${index + 1}`,
        { ...replica, name: replicaName(index), environment: revised },
        { parent: this, dependsOn: installation },
      ),
    );
    stackContainer(
      `${name}-cron`,
      {
        ...common,
        role: "cron",
        name: stackName("cron"),
        command: ["cron"],
        networks: [{ name: args.networks.frontend.name }, { name: args.networks.backend.name }],
        environment,
        health: { command: ["cron-healthy"], intervalSeconds: 30 },
        // A running job may finish, within the time of the longest request.
        graceSeconds: args.cronGraceSeconds,
        // No visitor depends on it, so `up` does not wait.
        wait: false,
      },
      { parent: this, dependsOn: installation },
    );
    this.members = pulumi
      .all(this.replicas.map((replica) => replica.id))
      .apply((ids) => Object.fromEntries(ids.map((id, index) => [replicaName(index), id])));
    this.registerOutputs({ revision: this.revision });
  }
}
