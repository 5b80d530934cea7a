import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const step = config.requireNumber("step");
const prefix = config.require("prefix");
const labels = [{ label: "engine-test", value: config.require("label") }];

const image = new docker.RemoteImage("image", {
  name: `${prefix}-image:step-${step}`,
  build: {
    context: "context",
    buildArgs: { BASE: config.require("image"), STEP: String(step) },
    labels: { "engine-test": config.require("label") },
  },
  keepLocally: false,
});
const container = new docker.Container("container", {
  name: `${prefix}-of-image`,
  image: image.imageId,
  labels,
  networkMode: "none",
  stopSignal: "SIGKILL",
  rm: false,
});

export const name = container.name;
export const isDigest = image.imageId.apply((id) => id.startsWith("sha256:"));
