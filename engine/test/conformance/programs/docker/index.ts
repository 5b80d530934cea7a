import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const step = config.requireNumber("step");
const prefix = config.require("prefix");
const labels = [{ label: "engine-test", value: config.require("label") }];

const network = new docker.Network("network", {
  internal: true,
  labels,
  options: { "com.docker.network.bridge.enable_icc": "true" },
});
const volume = new docker.Volume("volume", { name: `${prefix}-volume`, labels });
const replaced = new docker.Container("replaced", {
  name: `${prefix}-replaced`,
  image: config.require("image"),
  command: ["sleep", "600"],
  envs: [`STEP=${step}`, pulumi.interpolate`HIDDEN=${pulumi.secret("hidden-in-the-environment")}`],
  labels,
  networksAdvanced: [{ name: network.name, aliases: ["replaced"] }],
  volumes: [{ volumeName: volume.name, containerPath: "/data" }],
  uploads: [{ file: "/etc/greeting", content: pulumi.secret("hidden-in-a-file") }],
  destroyGraceSeconds: 1,
  stopSignal: "SIGKILL",
});
const updated = new docker.Container("updated", {
  image: config.require("image"),
  command: ["sleep", "600"],
  labels,
  memory: 32 * step,
  memorySwap: 32 * step,
  restart: step === 1 ? "no" : "unless-stopped",
  networkMode: "none",
  stopSignal: "SIGKILL",
  healthcheck: { tests: ["CMD", "true"], interval: "1s", timeout: "2s", startPeriod: "1m0s", retries: 3 },
  wait: true,
});
if (step === 1) new docker.Network("gone", { labels });

export const address = replaced.networkDatas.apply((all) => (all[0]?.ipAddress ?? "") !== "");
export const names = [replaced.name, updated.name];
