/**
 * The dynamic provider behind Rollout. Pulumi serialises this object's code into the state, so it captures nothing of this module
 * but functions, and loads what it needs where it runs.
 */
import * as pulumi from "@pulumi/pulumi";

export interface RolloutInputs {
  /** Consul's API as this host reaches it. */
  consulUrl: string;
  stack: string;
  /** Container name to container id: who is to be routed, no more and no less. */
  members: Record<string, string>;
  /** How long new members may take until they are ready. */
  readySeconds: number;
  /** How long members that are ready may take until nginx routes them. */
  routedSeconds: number;
  /** How long nginx's older workers may take to end, once members were taken out. */
  retiredSeconds: number;
}

interface Member {
  name: string;
  containerId: string;
}

/** The part of the reloader's `applied` record that is read here. */
interface AppliedRecord {
  generation: number;
  members: Member[];
  retired: boolean;
  refused?: string;
}

interface KeyRecord {
  Value: string;
  ModifyIndex: number;
}

/** The part of Consul's client that is used here. */
interface ConsulClient {
  kv: {
    get(options: { key: string; index?: string; wait?: string }): Promise<KeyRecord | undefined>;
    set(key: string, value: string): Promise<boolean>;
  };
  health: {
    service(options: { service: string; passing: boolean }): Promise<{ Service: { Meta: Record<string, string> } }[]>;
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What Docker says of a replica that is not ready: its state, its health check's output, its last log lines. */
async function describe({ name, containerId }: Member): Promise<{ isHopeless: boolean; lines: string[] }> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Docker = require("dockerode") as typeof import("dockerode");
  try {
    const container = new Docker({ timeout: 10_000 }).getContainer(containerId);
    const { State, Config, RestartCount } = await container.inspect();
    const health = State.Health?.Status;
    const state = [
      ...[
        State.Status,
        ...(State.Running && health ? [health] : []),
        ...(State.Running ? [] : [`code ${State.ExitCode}`]),
      ],
      ...[
        ...(State.OOMKilled ? ["out of memory"] : []),
        ...(RestartCount > 0 ? [`restarted ${RestartCount} times`] : []),
      ],
    ];
    // null before the first check, whatever the types say
    const checks = State.Health?.Log as { ExitCode: number; Output: string }[] | null | undefined;
    const check = checks?.at(-1);
    const log = await container.logs({ stdout: true, stderr: true, follow: false, tail: 15 });
    const lines: string[] = [];
    // Without a terminal each piece has a header of 8 bytes, its length in the last 4.
    let text = Config.Tty ? log.toString("utf8") : "";
    for (let at = 0; !Config.Tty && at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4)) {
      text += log.toString("utf8", at + 8, at + 8 + log.readUInt32BE(at + 4));
    }
    lines.push(...text.split("\n").filter((line) => line.trim() !== ""));
    return {
      isHopeless: health === "unhealthy" || !State.Running || RestartCount > 2,
      lines: [
        `${name}: ${state.join(", ")}`,
        ...(check === undefined
          ? []
          : [`  last health check (${check.ExitCode}): ${check.Output.trim() || "no output"}`]),
        lines.length === 0 ? "  it printed nothing" : "  its last lines:",
        ...lines.map((line) => `    ${line.slice(0, 400)}`),
      ],
    };
  } catch (error) {
    const isGone = (error as { statusCode?: number }).statusCode === 404;
    return { isHopeless: isGone, lines: [`${name}: ${isGone ? "Docker has no such container" : String(error)}`] };
  }
}

/** Waits until Consul has all members as passing: healthy by Docker, registered, and reachable. Changes nothing. */
async function untilReady(consul: ConsulClient, members: Member[], readySeconds: number): Promise<void> {
  const start = Date.now();
  // Docker has called all that are missing unhealthy or ended since then.
  let hopelessSince: number | undefined;
  let lookedAt = 0;
  for (;;) {
    let trouble = "";
    let missing = members;
    try {
      const services = await consul.health.service({ service: "wordpress", passing: true });
      const ready = services.map(({ Service }) => Service.Meta["container-id"]);
      missing = members.filter(({ containerId }) => !ready.includes(containerId));
    } catch (error) {
      trouble = `Consul: ${String(error)}`;
    }
    if (missing.length === 0) return;
    const now = Date.now();
    const isOver = now - start > readySeconds * 1000;
    if (isOver || now - lookedAt > 2_000) {
      lookedAt = now;
      const described = await Promise.all(missing.map((member) => describe(member)));
      const isHopeless = trouble === "" && described.every((one) => one.isHopeless);
      hopelessSince = isHopeless ? (hopelessSince ?? now) : undefined;
      if (isOver || (hopelessSince !== undefined && now - hopelessSince > 15_000)) {
        throw new Error(
          [
            `${missing.length} of ${members.length} replicas are not ready after ${Math.round((now - start) / 1000)} s; nothing was taken away, those that were routed serve on`,
            ...described.slice(0, 3).flatMap(({ lines }) => lines),
            described.length > 3
              ? `and ${missing
                  .slice(3)
                  .map(({ name }) => name)
                  .join(", ")}`
              : "",
            trouble,
            "the next `up` tries again",
          ]
            .filter((line) => line !== "")
            .join("\n"),
        );
      }
    }
    await pause(200);
  }
}

/** Waits until the members are ready, writes that they are wanted, and waits until nginx routes exactly those. Returns the generation. */
async function rollOut(inputs: RolloutInputs, removes: boolean, lastGeneration: number): Promise<number> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Consul = require("consul") as new (options: object) => ConsulClient;
  const { hostname, port } = new URL(inputs.consulUrl);
  const consul = new Consul({ host: hostname, port: Number(port), timeout: 15_000 });
  const key = (name: string): string => `wordpress-autoscaling/${inputs.stack}/nginx/${name}`;

  const members = Object.entries(inputs.members).map(([name, containerId]) => ({ name, containerId }));
  // Whoever is not wanted is out at once: first all that are wanted have to be able to serve.
  await untilReady(consul, members, inputs.readySeconds);
  const current = await consul.kv.get({ key: key("desired") });
  const last = current === undefined ? 0 : (JSON.parse(current.Value) as { generation: number }).generation;
  // Consul may have been wiped: generations only grow.
  const generation = Math.max(last, lastGeneration) + 1;
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
      const missing = members.filter((member) => !routedIds.includes(member.containerId));
      const surplus = (applied?.members ?? [])
        .filter((member) => !wanted.includes(member.containerId))
        .map((member) => member.name);
      const described = await Promise.all(missing.slice(0, 3).map((member) => describe(member)));
      throw new Error(
        [
          `nginx does not route the wanted replicas after ${limitSeconds} s; nothing was taken away, those that were routed serve on`,
          missing.length > 0 ? `not routed: ${missing.map(({ name }) => name).join(", ")}` : "",
          surplus.length > 0 ? `still routed: ${surplus.join(", ")}` : "",
          routed ? "nginx's older workers have not ended" : "",
          applied?.refused ? `nginx's configuration was refused: ${applied.refused}` : "",
          applied === undefined ? "the control plane has reported nothing; see: npm run logs -- consul-template" : "",
          ...described.flatMap(({ lines }) => lines),
          trouble,
          "the next `up` tries again",
        ]
          .filter((line) => line !== "")
          .join("\n"),
      );
    }
    try {
      const record = await consul.kv.get({
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
    const generation = await rollOut(inputs, true, 0);
    return { id: `${inputs.stack}-rollout`, outs: { ...inputs, generation } };
  },
  async update(_id, olds, news) {
    const kept = Object.values(news.members);
    const removes = Object.values(olds.members).some((containerId) => !kept.includes(containerId));
    const generation = await rollOut(news, removes, olds.generation);
    return { outs: { ...news, generation } };
  },
};
