import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const name = `${config.require("prefix")}-volume`;

const volume =
  config.requireNumber("step") === 1
    ? new docker.Volume("made", { name, driver: "local" }, { retainOnDelete: true })
    : new docker.Volume("taken", { name, driver: "local" }, { import: name });

export const mountpoint = volume.mountpoint;
