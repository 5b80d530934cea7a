/** Dockerfiles, shell scripts and consul-template's templates cannot import contract/: here they are held to it. */
import * as fs from "node:fs";
import * as path from "node:path";
import { desiredKey } from "../../contract/consul-kv";
import { CANDIDATE, NGINX_DIR } from "../../contract/paths";
import { CONSUL_PORT, HEALTH_PORT, HTTP_PORT, MYSQL_PORT } from "../../contract/ports";
import { CONTAINER_ID, CONTAINER_NAME, WORDPRESS_SERVICE } from "../../contract/service-meta";

const root = path.resolve(__dirname, "../..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

test.each([
  ["images/nginx/Dockerfile", [` ${NGINX_DIR}\n`]],
  ["images/nginx/entrypoint", [`:-${NGINX_DIR}}`]],
  ["images/nginx/healthy", [` ${HEALTH_PORT} /healthz`]],
  ["images/wordpress/healthy", [` ${HEALTH_PORT} /healthz`, `/dev/tcp/127.0.0.1/${HTTP_PORT} `]],
  ["images/consul-template/config.hcl", [`"${NGINX_DIR}/${CANDIDATE}"`]],
  ["images/mysql/Dockerfile", [`EXPOSE ${MYSQL_PORT}\n`]],
  ["images/wordpress/Dockerfile", [`EXPOSE ${HTTP_PORT}\n`]],
  ["images/wordpress/apache.conf", [`:${HTTP_PORT}>`, `:${HEALTH_PORT}>`]],
  [
    "templates/upstreams.conf.ctmpl",
    [
      `printf "${desiredKey("%s")}" (env "STACK")`,
      `service "${WORDPRESS_SERVICE}"`,
      `"${CONTAINER_ID}"`,
      `"${CONTAINER_NAME}"`,
    ],
  ],
])("%s says the same", (file, texts) => {
  for (const text of texts) expect(read(file)).toContain(text);
});

test("the ports of Consul's configuration are given, not written a second time", () => {
  expect(read("templates/consul.hcl.mustache")).not.toContain(String(CONSUL_PORT));
});
