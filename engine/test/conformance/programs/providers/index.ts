import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const config = new pulumi.Config();
const step = config.requireNumber("step");
const labels = [{ label: "engine-test", value: config.require("label") }];

const local = new docker.Provider("local", {
  host: "unix:///var/run/docker.sock",
  ...(step > 1
    ? { registryAuth: [{ address: "registry.invalid", username: "u", password: pulumi.secret("hidden-login-<&>") }] }
    : {}),
});
const dice = new random.Provider("dice");

class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("conformance:index:Group", name, {}, options);
    new docker.Volume("inherits", { labels }, { parent: this });
    new random.RandomId("inherits-too", { byteLength: 2 }, { parent: this });
  }
}

new Group("group", { providers: { docker: local, random: dice } });
new docker.Volume("volume", { name: `${config.require("prefix")}-own`, labels }, { provider: local });
const value = new random.RandomId("value", { byteLength: 3 }, step > 1 ? { provider: dice } : {});

export const hex = value.hex;
