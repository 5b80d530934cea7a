import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { NETWORK_LABEL } from "../contract/labels";
import { MYSQL_PORT } from "../contract/ports";
import { MYSQL_SERVICE } from "../contract/service-meta";
import type { Consul } from "./consul";
import { stackContainer, stackLabels, stackName } from "./container";
import type { RoleImage } from "./images";
import type { Networks } from "./networks";
import { type ImageShape, mySqlEnvironment, mySqlPasswords, type MySqlServer, officialMySql } from "./official-mysql";

export interface MySqlArgs {
  networks: Networks;
  consul: Consul;
  /** A declared address on the backend network: it stays when the container is replaced. */
  address: string;
  memoryMiB: number;
  /** A new number makes new passwords. */
  rotation: number;
  image: RoleImage;
}

/** The database, only on the backend network; its data volume survives the stack. */
export class MySql extends pulumi.ComponentResource {
  public readonly container: docker.Container;
  public readonly database = "wordpress";
  public readonly user = "wordpress";
  /** Secret. */
  public readonly password: pulumi.Output<string>;

  constructor(name: string, args: MySqlArgs, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:MySql", name, {}, options);
    const password = (purpose: string): pulumi.Output<string> =>
      new random.RandomPassword(
        `${name}-${purpose}`,
        { length: 40, special: false, keepers: { rotation: String(args.rotation) } },
        { parent: this },
      ).result;
    this.password = password("password");
    const volume = new docker.Volume(
      `${name}-data`,
      { name: stackName("mysql"), labels: stackLabels("mysql") },
      { parent: this, retainOnDelete: true },
    );
    const server = {
      database: this.database,
      user: this.user,
      password: this.password,
      rootPassword: password("root-password"),
      memoryMiB: args.memoryMiB,
    };
    this.container = stackContainer(
      name,
      {
        ...(args.image.ours ? ownMySql(server) : officialMySql(server)),
        role: "mysql",
        name: stackName("mysql"),
        image: args.image.name,
        memoryMiB: args.memoryMiB,
        networks: [{ name: args.networks.backend.name, ipv4Address: args.address }],
        volumes: [{ volumeName: volume.name, containerPath: "/var/lib/mysql" }],
        labels: {
          [NETWORK_LABEL]: "backend",
          [`SERVICE_${MYSQL_PORT}_NAME`]: MYSQL_SERVICE,
          [`SERVICE_${MYSQL_PORT}_CHECK_TCP`]: "true",
          [`SERVICE_${MYSQL_PORT}_CHECK_INTERVAL`]: "5s",
          [`SERVICE_${MYSQL_PORT}_CHECK_TIMEOUT`]: "3s",
        },
        // A clean shutdown writes the buffer pool's dirty pages.
        graceSeconds: 60,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** The arguments specific to our own image. */
const ownMySql = (server: MySqlServer): ImageShape => ({
  environment: {
    ...mySqlEnvironment(server),
    INNODB_BUFFER_POOL_MIB: String(Math.floor(server.memoryMiB / 3)),
  },
  files: mySqlPasswords(server),
  health: { command: ["healthy"], intervalSeconds: 1 },
});
