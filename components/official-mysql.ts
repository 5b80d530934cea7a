/** How an image that the configuration names for the role mysql is run: by the conventions of the official mysql and mariadb images. */
import * as fs from "fs";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import type { StackContainerArgs } from "./container";

/** Passwords have no character that SQL or an option file escapes. */
export interface MySqlServer {
  database: string;
  user: string;
  password: pulumi.Output<string>;
  rootPassword: pulumi.Output<string>;
  memoryMiB: number;
}

/** What depends on how an image is made. */
export type ImageShape = Pick<
  StackContainerArgs,
  "user" | "entrypoints" | "command" | "environment" | "files" | "health"
>;

/** The names that the official images read, and ours does too. */
export const mySqlEnvironment = ({ database, user }: MySqlServer): Record<string, string> => ({
  MYSQL_DATABASE: database,
  MYSQL_USER: user,
  MYSQL_PASSWORD_FILE: "/run/secrets/mysql-password",
  MYSQL_ROOT_PASSWORD_FILE: "/run/secrets/mysql-root-password",
});
export const mySqlPasswords = ({ password, rootPassword }: MySqlServer): Record<string, pulumi.Output<string>> => ({
  "/run/secrets/mysql-password": password,
  "/run/secrets/mysql-root-password": rootPassword,
});

/** The server's options, in words that MySQL and MariaDB both know; our own image has them in its server.cnf. */
export const officialMySqlOptions = (memoryMiB: number): string[] => [
  `--innodb-buffer-pool-size=${Math.floor(memoryMiB / 3)}M`,
  // All workers of 2 N replicas; the default is 151.
  "--max-connections=1000",
  "--max-allowed-packet=64M",
  "--character-set-server=utf8mb4",
  "--collation-server=utf8mb4_unicode_ci",
  "--skip-name-resolve",
  // MySQL's defaults cost 200 MiB for the one and keep 30 days of the other, and nobody here reads them.
  "--performance-schema=OFF",
  "--skip-log-bin",
  "--local-infile=OFF",
];

/** Files beside the image's own; see there for what they do. */
const SCRIPTS = path.join(__dirname, "../images/official");
const PLACE = "/usr/local/lib/wordpress-autoscaling";
const scripts = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${PLACE}/${name}`, fs.readFileSync(path.join(SCRIPTS, name), "utf8")]));

/** One statement a line: MariaDB drops what follows on the same. */
const users = ({ database, user, password, rootPassword }: MySqlServer): pulumi.Output<string> =>
  pulumi.interpolate`CREATE DATABASE IF NOT EXISTS \`${database}\`;
CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';
ALTER USER '${user}'@'%' IDENTIFIED BY '${password}';
GRANT ALL ON \`${database}\`.* TO '${user}'@'%';
ALTER USER 'root'@'localhost' IDENTIFIED BY '${rootPassword}';
`;

const client = ({ user, password }: MySqlServer): pulumi.Output<string> => pulumi.interpolate`[client]
protocol=tcp
host=127.0.0.1
user=${user}
password=${password}
`;

/** What the container of such an image has. */
export const officialMySql = (server: MySqlServer): ImageShape => ({
  // As the official images allow: their entrypoint then hands over no folder and changes no user, so no capability is needed.
  user: "mysql",
  entrypoints: ["/bin/sh", `${PLACE}/mysql-entrypoint`],
  command: officialMySqlOptions(server.memoryMiB),
  // Without a host it is `%`: root from every container of the network.
  environment: { ...mySqlEnvironment(server), MYSQL_ROOT_HOST: "localhost" },
  files: {
    ...mySqlPasswords(server),
    "/run/secrets/mysql-users.sql": users(server),
    "/run/secrets/mysql-client.cnf": client(server),
    ...scripts("mysql-entrypoint", "mysql-healthy"),
  },
  health: { command: ["/bin/sh", `${PLACE}/mysql-healthy`], intervalSeconds: 1 },
});
