import * as http from "node:http";
import { Metrics } from "../../services/kit/metrics";
import { dockerClient } from "../../services/kit/docker-client";
import { FakeDocker } from "../../test/support/fake-docker";
import { ControlMetrics, parseMetrics } from "./control-metrics";

test("what a service renders is read back, labels and all", () => {
  const metrics = new Metrics("reloader");
  metrics.gauge("generation", "Of the configuration.").set(7);
  metrics.counter("reloads_total", "By outcome.", true).add(2, { outcome: "a b" });
  metrics.histogram("seconds", "Took.", [0.1]).observe(0.25);
  expect(Object.fromEntries(parseMetrics(metrics.render()))).toEqual({
    reloader_generation: 7,
    'reloader_reloads_total{outcome="a b"}': 2,
    'reloader_seconds_bucket{le="0.1"}': 0,
    'reloader_seconds_bucket{le="+Inf"}': 1,
    reloader_seconds_sum: 0.25,
    reloader_seconds_count: 1,
  });
});

const container = {
  id: "r",
  name: "dev-consul-template",
  role: "consul-template",
  execOutput: "# HELP x\nnginx_active_requests 3\n",
};
const reader = () => new ControlMetrics(dockerClient(), "dev", "consul-template");

test("by the container's address on the control network, which is looked up once", async () => {
  const server = http.createServer((_, response) => response.end("nginx_active_requests 5\n"));
  await new Promise<void>((resolve) => server.listen(9102, "127.0.0.9", resolve));
  await using docker = await FakeDocker.start("dev", [{ ...container, addresses: { "dev-control": "127.0.0.9" } }]);
  try {
    const metrics = reader();
    expect((await metrics.read()).get("nginx_active_requests")).toBe(5);
    const { length } = docker.asked;
    expect((await metrics.read()).get("nginx_active_requests")).toBe(5);
    expect(docker.asked).toHaveLength(length);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("where the address is not reached, by a command in the container, and not at each call", async () => {
  await using docker = await FakeDocker.start("dev", [container]);
  const metrics = reader();
  expect((await metrics.read()).get("nginx_active_requests")).toBe(3);
  await expect(metrics.read()).rejects.toThrow();
  expect(docker.asked.filter((path) => path === "POST /containers/r/exec")).toHaveLength(1);
});

test("a container that does not run is named", async () => {
  await using _docker = await FakeDocker.start("dev", [{ ...container, state: "exited" }]);
  await expect(reader().read()).rejects.toThrow("consul-template of stack dev does not run");
});
