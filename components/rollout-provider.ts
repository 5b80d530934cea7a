/**
 * The dynamic provider behind Rollout. Pulumi serialises this object's code into the state, so it captures nothing of this module
 * but functions, and loads the Consul client where it runs.
 */
import type * as pulumi from "@pulumi/pulumi";

export interface RolloutInputs {
  /** Consul's API as this host reaches it. */
  consulUrl: string;
  stack: string;
  /** Container name to container id: who is to be routed, no more and no less. */
  members: Record<string, string>;
  /** How long new members may take until they are routed. */
  routedSeconds: number;
  /** How long nginx's older workers may take to end, once members were taken out. */
  retiredSeconds: number;
}

/** The part of the reloader's `applied` record that is read here. */
interface AppliedRecord {
  generation: number;
  members: { name: string; containerId: string }[];
  retired: boolean;
  refused?: string;
}

/** Writes who is wanted, and waits until nginx routes exactly those. Returns the generation. */
async function rollOut(inputs: RolloutInputs, removes: boolean): Promise<number> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Consul = require("consul") as new (options: object) => {
    kv: {
      get(options: {
        key: string;
        index?: string;
        wait?: string;
      }): Promise<{ Value: string; ModifyIndex: number } | undefined>;
      set(key: string, value: string): Promise<boolean>;
    };
    health: {
      service(
        name: string,
      ): Promise<{ Service: { Meta: Record<string, string> }; Checks: { Status: string; Output: string }[] }[]>;
    };
  };
  const { hostname, port } = new URL(inputs.consulUrl);
  const consul = new Consul({ host: hostname, port: Number(port), timeout: 15_000 });
  const key = (name: string): string => `wordpress-autoscaling/${inputs.stack}/nginx/${name}`;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  const current = await consul.kv.get({ key: key("desired") });
  const last = current === undefined ? 0 : (JSON.parse(current.Value) as { generation: number }).generation;
  const generation = last + 1;
  const members = Object.entries(inputs.members).map(([name, containerId]) => ({ name, containerId }));
  await consul.kv.set(key("desired"), JSON.stringify({ generation, members }));

  const wanted = members.map((member) => member.containerId).sort();
  const start = Date.now();
  let applied: AppliedRecord | undefined;
  let index: string | undefined;
  let trouble = "";
  for (;;) {
    const routed =
      applied !== undefined &&
      applied.generation === generation &&
      JSON.stringify(applied.members.map((member) => member.containerId).sort()) === JSON.stringify(wanted);
    if (routed && (!removes || applied?.retired)) return generation;
    const limitSeconds = inputs.routedSeconds + (routed ? inputs.retiredSeconds : 0);
    if (Date.now() - start > limitSeconds * 1000) {
      const routedIds = (applied?.members ?? []).map((member) => member.containerId);
      const missing = members.filter((member) => !routedIds.includes(member.containerId)).map((member) => member.name);
      const surplus = (applied?.members ?? [])
        .filter((member) => !wanted.includes(member.containerId))
        .map((member) => member.name);
      const services = await consul.health.service("wordpress").catch(() => []);
      const checks = services
        .filter((service) => missing.includes(service.Service.Meta["container-name"] ?? ""))
        .flatMap((service) => service.Checks.filter((check) => check.Status !== "passing"))
        .map((check) => check.Output.trim());
      throw new Error(
        [
          `nginx does not route the wanted replicas after ${limitSeconds} s; nothing was taken away, those that were routed serve on`,
          missing.length > 0 ? `not routed: ${missing.join(", ")}` : "",
          surplus.length > 0 ? `still routed: ${surplus.join(", ")}` : "",
          routed ? "nginx's older workers have not ended" : "",
          applied?.refused ? `nginx's configuration was refused: ${applied.refused}` : "",
          applied === undefined ? "the control plane has reported nothing; see: npm run logs -- consul-template" : "",
          ...checks.map((output) => `check: ${output}`),
          trouble,
          "the next `up` tries again",
        ]
          .filter((line) => line !== "")
          .join("\n"),
      );
    }
    try {
      const record: { Value: string; ModifyIndex: number } | undefined = await consul.kv.get({
        key: key("applied"),
        ...(index !== undefined && { index, wait: "5s" }),
      });
      index = record === undefined ? undefined : String(record.ModifyIndex);
      applied = record === undefined ? undefined : (JSON.parse(record.Value) as AppliedRecord);
      trouble = "";
      if (record === undefined) await pause(100);
    } catch (error) {
      trouble = `Consul: ${String(error)}`;
      index = undefined;
      await pause(500);
    }
  }
}

export const rolloutProvider: pulumi.dynamic.ResourceProvider<RolloutInputs, RolloutInputs & { generation: number }> = {
  diff(_id, olds, news) {
    const changes = ["members", "consulUrl"].some(
      (property) =>
        JSON.stringify(olds[property as "members"], Object.keys(olds.members).sort()) !==
        JSON.stringify(news[property as "members"], Object.keys(news.members).sort()),
    );
    return Promise.resolve({ changes });
  },
  async create(inputs) {
    // What an earlier stack of this name left behind is not known: wait for the workers of it, too.
    const generation = await rollOut(inputs, true);
    return { id: `${inputs.stack}-rollout`, outs: { ...inputs, generation } };
  },
  async update(_id, olds, news) {
    const kept = Object.values(news.members);
    const removes = Object.values(olds.members).some((containerId) => !kept.includes(containerId));
    const generation = await rollOut(news, removes);
    return { outs: { ...news, generation } };
  },
};
