/** Runs an image configured for the role mysql, by the conventions of the official mysql and mariadb images. */
import * as fs from "fs";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import type { StackContainerArgs } from "./container";

/** Passwords contain no character that SQL or an option file escapes. */
export interface MySqlServer {
  database: string;
  user: string;
  password: pulumi.Output<string>;
  rootPassword: pulumi.Output<string>;
  memoryMiB: number;
}

/** The arguments that depend on the image. */
export type ImageShape = Pick<
  StackContainerArgs,
  "user" | "entrypoints" | "command" | "environment" | "files" | "health"
>;

/** The variables that both the official images and ours read. */
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

/** Server options that both MySQL and MariaDB know; our own image has them in its server.cnf. */
export const officialMySqlOptions = (memoryMiB: number): string[] => [
  `--innodb-buffer-pool-size=${Math.floor(memoryMiB / 3)}M`,
  // For all workers of two sets of replicas (during an update); the default is 151.
  "--max-connections=1000",
  "--max-allowed-packet=64M",
  "--character-set-server=utf8mb4",
  "--collation-server=utf8mb4_unicode_ci",
  "--skip-name-resolve",
  // The performance schema costs 200 MiB by default, and binary logs are kept for 30 days; neither is used here.
  "--performance-schema=OFF",
  "--skip-log-bin",
  "--local-infile=OFF",
];

/** Files added to the container; each describes itself. */
const SCRIPTS = path.join(__dirname, "../images/official");
const PLACE = "/usr/local/lib/wordpress-autoscaling";
const scripts = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${PLACE}/${name}`, fs.readFileSync(path.join(SCRIPTS, name), "utf8")]));

/** One statement a line: MariaDB ignores further statements on the same line. */
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

/** The arguments specific to an official image. */
export const officialMySql = (server: MySqlServer): ImageShape => ({
  // The official images support this: their entrypoint then changes neither owners nor the user, so it needs no capability.
  user: "mysql",
  entrypoints: ["/bin/sh", `${PLACE}/mysql-entrypoint`],
  command: officialMySqlOptions(server.memoryMiB),
  // The default is `%`, which allows root from every container of the network.
  environment: { ...mySqlEnvironment(server), MYSQL_ROOT_HOST: "localhost" },
  files: {
    ...mySqlPasswords(server),
    "/run/secrets/mysql-users.sql": users(server),
    "/run/secrets/mysql-client.cnf": client(server),
    ...scripts("mysql-entrypoint", "mysql-healthy"),
  },
  health: { command: ["/bin/sh", `${PLACE}/mysql-healthy`], intervalSeconds: 1 },
});
